"""Local time: the offsets of time zones as a table the kernel can search, and countries' zones.

OCPI Location `time_zone`. Offsets and zones come from the IANA database (`zoneinfo`, tzdata).
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np

from models.ocpi.values.timestamps import is_zone
from models.rating.kernel.tables import Table
from models.rating.numbers import microseconds

_ZONES = """
ABW America/Aruba AFG Asia/Kabul AGO Africa/Luanda AIA America/Anguilla ALA Europe/Mariehamn
ALB Europe/Tirane AND Europe/Andorra ARE Asia/Dubai ARG America/Argentina/Buenos_Aires
ARM Asia/Yerevan ASM Pacific/Pago_Pago ATF Indian/Kerguelen ATG America/Antigua
AUT Europe/Vienna AZE Asia/Baku BDI Africa/Bujumbura BEL Europe/Brussels BEN Africa/Porto-Novo
BES America/Kralendijk BFA Africa/Ouagadougou BGD Asia/Dhaka BGR Europe/Sofia BHR Asia/Bahrain
BHS America/Nassau BIH Europe/Sarajevo BLM America/St_Barthelemy BLR Europe/Minsk
BLZ America/Belize BMU Atlantic/Bermuda BOL America/La_Paz BRB America/Barbados BRN Asia/Brunei
BTN Asia/Thimphu BWA Africa/Gaborone CAF Africa/Bangui CCK Indian/Cocos CHE Europe/Zurich
CIV Africa/Abidjan CMR Africa/Douala COG Africa/Brazzaville COK Pacific/Rarotonga
COL America/Bogota COM Indian/Comoro CPV Atlantic/Cape_Verde CRI America/Costa_Rica
CUB America/Havana CUW America/Curacao CXR Indian/Christmas CYM America/Cayman
CZE Europe/Prague DEU Europe/Berlin DJI Africa/Djibouti DMA America/Dominica
DNK Europe/Copenhagen DOM America/Santo_Domingo DZA Africa/Algiers EGY Africa/Cairo
ERI Africa/Asmara ESH Africa/El_Aaiun EST Europe/Tallinn ETH Africa/Addis_Ababa
FIN Europe/Helsinki FJI Pacific/Fiji FLK Atlantic/Stanley FRA Europe/Paris FRO Atlantic/Faroe
GAB Africa/Libreville GBR Europe/London GEO Asia/Tbilisi GGY Europe/Guernsey GHA Africa/Accra
GIB Europe/Gibraltar GIN Africa/Conakry GLP America/Guadeloupe GMB Africa/Banjul
GNB Africa/Bissau GNQ Africa/Malabo GRC Europe/Athens GRD America/Grenada GTM America/Guatemala
GUF America/Cayenne GUM Pacific/Guam GUY America/Guyana HKG Asia/Hong_Kong
HND America/Tegucigalpa HRV Europe/Zagreb HTI America/Port-au-Prince HUN Europe/Budapest
IMN Europe/Isle_of_Man IND Asia/Kolkata IOT Indian/Chagos IRL Europe/Dublin IRN Asia/Tehran
IRQ Asia/Baghdad ISL Atlantic/Reykjavik ISR Asia/Jerusalem ITA Europe/Rome JAM America/Jamaica
JEY Europe/Jersey JOR Asia/Amman JPN Asia/Tokyo KEN Africa/Nairobi KGZ Asia/Bishkek
KHM Asia/Phnom_Penh KNA America/St_Kitts KOR Asia/Seoul KWT Asia/Kuwait LAO Asia/Vientiane
LBN Asia/Beirut LBR Africa/Monrovia LBY Africa/Tripoli LCA America/St_Lucia LIE Europe/Vaduz
LKA Asia/Colombo LSO Africa/Maseru LTU Europe/Vilnius LUX Europe/Luxembourg LVA Europe/Riga
MAC Asia/Macau MAF America/Marigot MAR Africa/Casablanca MCO Europe/Monaco MDA Europe/Chisinau
MDG Indian/Antananarivo MDV Indian/Maldives MHL Pacific/Majuro MKD Europe/Skopje
MLI Africa/Bamako MLT Europe/Malta MMR Asia/Yangon MNE Europe/Podgorica MNP Pacific/Saipan
MOZ Africa/Maputo MRT Africa/Nouakchott MSR America/Montserrat MTQ America/Martinique
MUS Indian/Mauritius MWI Africa/Blantyre MYS Asia/Kuala_Lumpur MYT Indian/Mayotte
NAM Africa/Windhoek NCL Pacific/Noumea NER Africa/Niamey NFK Pacific/Norfolk NGA Africa/Lagos
NIC America/Managua NIU Pacific/Niue NLD Europe/Amsterdam NOR Europe/Oslo NPL Asia/Kathmandu
NRU Pacific/Nauru OMN Asia/Muscat PAK Asia/Karachi PAN America/Panama PCN Pacific/Pitcairn
PER America/Lima PHL Asia/Manila PLW Pacific/Palau POL Europe/Warsaw PRI America/Puerto_Rico
PRK Asia/Pyongyang PRY America/Asuncion PSE Asia/Gaza QAT Asia/Qatar REU Indian/Reunion
ROU Europe/Bucharest RWA Africa/Kigali SAU Asia/Riyadh SDN Africa/Khartoum SEN Africa/Dakar
SGP Asia/Singapore SGS Atlantic/South_Georgia SHN Atlantic/St_Helena SJM Arctic/Longyearbyen
SLB Pacific/Guadalcanal SLE Africa/Freetown SLV America/El_Salvador SMR Europe/San_Marino
SOM Africa/Mogadishu SPM America/Miquelon SRB Europe/Belgrade SSD Africa/Juba
STP Africa/Sao_Tome SUR America/Paramaribo SVK Europe/Bratislava SVN Europe/Ljubljana
SWE Europe/Stockholm SWZ Africa/Mbabane SXM America/Lower_Princes SYC Indian/Mahe
SYR Asia/Damascus TCA America/Grand_Turk TCD Africa/Ndjamena TGO Africa/Lome THA Asia/Bangkok
TJK Asia/Dushanbe TKL Pacific/Fakaofo TKM Asia/Ashgabat TLS Asia/Dili TON Pacific/Tongatapu
TTO America/Port_of_Spain TUN Africa/Tunis TUR Europe/Istanbul TUV Pacific/Funafuti
TWN Asia/Taipei TZA Africa/Dar_es_Salaam UGA Africa/Kampala URY America/Montevideo
UZB Asia/Samarkand VAT Europe/Vatican VCT America/St_Vincent VEN America/Caracas
VGB America/Tortola VIR America/St_Thomas VNM Asia/Ho_Chi_Minh VUT Pacific/Efate
WLF Pacific/Wallis WSM Pacific/Apia YEM Asia/Aden ZAF Africa/Johannesburg ZMB Africa/Lusaka
ZWE Africa/Harare
"""

_WORDS = _ZONES.split()
ONLY_ZONES: dict[str, str] = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))
"""ISO 3166-1 alpha-3 code → IANA zone, of countries whose clocks all show the same time.

Rule 4's "the country's only zone": one zone, or several that have agreed since 2015.
"""


_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def zone_of(stated: str | None, country: str | None) -> tuple[str | None, bool]:
    """Return the zone of a location, and whether it was assumed from the country.

    Args:
        stated: what the CDR or its location says.
        country: ISO 3166-1 alpha-3 code; of a country with several zones none is assumed.
    """
    if stated is not None and is_zone(stated):
        return stated, False
    zone = ONLY_ZONES.get(country or "")
    return zone, zone is not None


def _first_change(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """Return the first second after `low` at which the offset is that of `high`."""
    target = high.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == target:
            high = middle
        else:
            low = middle
    return high


@cache
def offsets_in_year(name: str, year: int) -> tuple[tuple[int, int], ...]:
    """Return the offsets of a zone in a UTC year: (since instant, offset), both in microseconds.

    The first row holds from the start of the year. Of two changes on one day, which no zone
    of the present has, only the later is seen.
    """
    zone = ZoneInfo(name)
    at = datetime(year, 1, 1, tzinfo=UTC)
    end = datetime(year, 12, 31, tzinfo=UTC) + _DAY - _HOUR
    rows: list[tuple[int, int]] = []
    since = at
    while True:
        offset = since.astimezone(zone).utcoffset()
        if offset is None:
            raise ValueError(f"{name} has no offset in {year}")
        rows.append((microseconds(since), offset // timedelta(microseconds=1)))
        while at < end and at.astimezone(zone).utcoffset() == offset:
            at = min(at + _DAY, end)
        if at.astimezone(zone).utcoffset() == offset:
            return tuple(rows)
        since = at = _first_change(zone, max(at - _DAY, since), at)


def zone_table(names: Sequence[str], years: Iterable[int]) -> Table:
    """Return the zone table of a batch: the range (first, end) of each zone's rows, then the rows.

    These are (since, offset), of the UTC years in which local times are asked for.
    """
    wanted = sorted({min(max(year, 1900), 2200) for year in years})
    ranges: list[tuple[int, int]] = []
    rows: list[tuple[int, int]] = []
    for name in names:
        first = len(names) + len(rows)
        for year in wanted:
            rows.extend(offsets_in_year(name, year))
        ranges.append((first, len(names) + len(rows)))
    return np.array([*ranges, *rows], dtype=np.int64).reshape(-1, 2)
