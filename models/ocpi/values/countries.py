"""ISO 3166-1 codes, and where a country roughly lies: to mend codes and swapped coordinates."""

from __future__ import annotations

_ALPHA = """
AD AND AE ARE AF AFG AG ATG AI AIA AL ALB AM ARM AO AGO AQ ATA AR ARG AS ASM AT AUT AU AUS AW ABW
AX ALA AZ AZE BA BIH BB BRB BD BGD BE BEL BF BFA BG BGR BH BHR BI BDI BJ BEN BL BLM BM BMU BN BRN
BO BOL BQ BES BR BRA BS BHS BT BTN BV BVT BW BWA BY BLR BZ BLZ CA CAN CC CCK CD COD CF CAF CG COG
CH CHE CI CIV CK COK CL CHL CM CMR CN CHN CO COL CR CRI CU CUB CV CPV CW CUW CX CXR CY CYP CZ CZE
DE DEU DJ DJI DK DNK DM DMA DO DOM DZ DZA EC ECU EE EST EG EGY EH ESH ER ERI ES ESP ET ETH FI FIN
FJ FJI FK FLK FM FSM FO FRO FR FRA GA GAB GB GBR GD GRD GE GEO GF GUF GG GGY GH GHA GI GIB GL GRL
GM GMB GN GIN GP GLP GQ GNQ GR GRC GS SGS GT GTM GU GUM GW GNB GY GUY HK HKG HM HMD HN HND HR HRV
HT HTI HU HUN ID IDN IE IRL IL ISR IM IMN IN IND IO IOT IQ IRQ IR IRN IS ISL IT ITA JE JEY JM JAM
JO JOR JP JPN KE KEN KG KGZ KH KHM KI KIR KM COM KN KNA KP PRK KR KOR KW KWT KY CYM KZ KAZ LA LAO
LB LBN LC LCA LI LIE LK LKA LR LBR LS LSO LT LTU LU LUX LV LVA LY LBY MA MAR MC MCO MD MDA ME MNE
MF MAF MG MDG MH MHL MK MKD ML MLI MM MMR MN MNG MO MAC MP MNP MQ MTQ MR MRT MS MSR MT MLT MU MUS
MV MDV MW MWI MX MEX MY MYS MZ MOZ NA NAM NC NCL NE NER NF NFK NG NGA NI NIC NL NLD NO NOR NP NPL
NR NRU NU NIU NZ NZL OM OMN PA PAN PE PER PF PYF PG PNG PH PHL PK PAK PL POL PM SPM PN PCN PR PRI
PS PSE PT PRT PW PLW PY PRY QA QAT RE REU RO ROU RS SRB RU RUS RW RWA SA SAU SB SLB SC SYC SD SDN
SE SWE SG SGP SH SHN SI SVN SJ SJM SK SVK SL SLE SM SMR SN SEN SO SOM SR SUR SS SSD ST STP SV SLV
SX SXM SY SYR SZ SWZ TC TCA TD TCD TF ATF TG TGO TH THA TJ TJK TK TKL TL TLS TM TKM TN TUN TO TON
TR TUR TT TTO TV TUV TW TWN TZ TZA UA UKR UG UGA UM UMI US USA UY URY UZ UZB VA VAT VC VCT VE VEN
VG VGB VI VIR VN VNM VU VUT WF WLF WS WSM YE YEM YT MYT ZA ZAF ZM ZMB ZW ZWE
"""

_CODES = _ALPHA.split()
ALPHA3_OF: dict[str, str] = dict(zip(_CODES[::2], _CODES[1::2], strict=True))
ALPHA2_OF: dict[str, str] = {long: short for short, long in ALPHA3_OF.items()}

# Everyday codes that ISO does not have.
ALPHA3_OF_HABIT = {"UK": "GBR", "EL": "GRC", "XK": "XKX"}

# South, north, west, east in whole degrees, outward; overseas parts are left out, which is why
# being outside is a deviation and never a reason to drop a coordinate.
BOXES: dict[str, tuple[int, int, int, int]] = {
    "ALB": (39, 43, 19, 22),
    "AND": (42, 43, 1, 2),
    "AUS": (-45, -10, 112, 155),
    "AUT": (46, 50, 9, 18),
    "BEL": (49, 52, 2, 7),
    "BGR": (41, 45, 22, 29),
    "BIH": (42, 46, 15, 20),
    "CAN": (41, 84, -142, -52),
    "CHE": (45, 48, 5, 11),
    "CYP": (34, 36, 32, 35),
    "CZE": (48, 52, 12, 19),
    "DEU": (47, 56, 5, 16),
    "DNK": (54, 58, 8, 16),
    "ESP": (27, 44, -19, 5),
    "EST": (57, 60, 21, 29),
    "FIN": (59, 71, 19, 32),
    "FRA": (41, 52, -6, 10),
    "GBR": (49, 61, -9, 2),
    "GRC": (34, 42, 19, 30),
    "HRV": (42, 47, 13, 20),
    "HUN": (45, 49, 16, 23),
    "IND": (6, 36, 68, 98),
    "IRL": (51, 56, -11, -5),
    "ISL": (63, 67, -25, -13),
    "ITA": (35, 48, 6, 19),
    "JPN": (24, 46, 122, 154),
    "LIE": (47, 48, 9, 10),
    "LTU": (53, 57, 20, 27),
    "LUX": (49, 51, 5, 7),
    "LVA": (55, 59, 20, 29),
    "MDA": (45, 49, 26, 31),
    "MKD": (40, 43, 20, 24),
    "MLT": (35, 37, 14, 15),
    "MNE": (41, 44, 18, 21),
    "NLD": (50, 54, 3, 8),
    "NOR": (57, 72, 4, 32),
    "NZL": (-48, -34, 166, 179),
    "POL": (49, 55, 14, 25),
    "PRT": (30, 43, -32, -6),
    "ROU": (43, 49, 20, 30),
    "SRB": (42, 47, 18, 23),
    "SVK": (47, 50, 16, 23),
    "SVN": (45, 47, 13, 17),
    "SWE": (55, 70, 10, 25),
    "TUR": (35, 43, 25, 45),
    "UKR": (44, 53, 22, 41),
    "USA": (18, 72, -180, -66),
}


def lies_within(alpha3: str, latitude: float, longitude: float) -> bool | None:
    """Tell whether a point may be in a country; None where we do not know the country's box."""
    box = BOXES.get(alpha3)
    if box is None:
        return None
    south, north, west, east = box
    return south <= latitude <= north and west <= longitude <= east
