/* The limit that the engine is measured against: the same tables, one plain loop.
 *
 * It prices what the benchmark generates (no reservations, no unknown currents, net or gross
 * prices with a stated rate, both sides of a limit stated), writes the same lines and totals,
 * and keeps amounts in 128 bits. Column numbers are those of models/rating/kernel/tables.py.
 */
#include <stdint.h>

typedef int64_t i64;
typedef __int128 i128;

enum { CDR = 17, PERIOD = 14, CANDIDATE = 3, TARIFF = 16, ELEMENT = 30, LINE = 12, RESULT = 21 };
static const i64 NONE = INT64_MIN, UNIT = 3600000000000LL, DAY = 86400000000LL;

static i64 floor_div(i64 a, i64 b) { return a / b - (a % b < 0); }

static i64 local_time(const i64 *zones, i64 zone, i64 at)
{
    i64 low = zones[2 * zone], high = zones[2 * zone + 1];
    while (high - low > 1) {
        i64 middle = (low + high) / 2;
        if (zones[2 * middle] <= at) low = middle; else high = middle;
    }
    return at + zones[2 * low + 1];
}

static i64 hours(i64 stated, i64 decimals, i64 length)
{
    i64 parts = stated * 3600, seconds = (length + 500000) / 1000000 * 1000000000LL, half = UNIT / 2;
    if (length <= 0) return parts;
    for (i64 i = 0; i < decimals && i < 9; i++) half /= 10;
    if (half > 2000000000LL) half = 2000000000LL;
    i64 off = parts > seconds ? parts - seconds : seconds - parts;
    return off <= half ? seconds : parts;
}

static int matches(const i64 *e, i64 second, i64 day, i64 so_far, i64 elapsed, i64 energy, i64 time)
{
    if (!e[2]) return 1;
    if (e[4] < e[3] ? !(second >= e[3] || second < e[4]) : !(e[3] <= second && second < e[4])) return 0;
    if (day < e[5] || day >= e[6]) return 0;
    if (!((e[7] >> ((day + 3) % 7)) & 1)) return 0;
    if (so_far < e[8] || so_far >= e[9]) return 0;
    if (elapsed < e[10] || elapsed >= e[11]) return 0;
    if (e[12] != NONE && (i128)energy * 1000000 < (i128)e[12] * time) return 0;
    if (e[13] != NONE && (i128)energy * 1000000 >= (i128)e[13] * time) return 0;
    return 1;
}

static i64 millionth(i128 value, i128 unit) { return (i64)((2 * value + unit) / (2 * unit)); }

i64 price_all(i64 count, const i64 *cdrs, i64 *periods, const i64 *candidates, const i64 *tariffs,
              const i64 *elements, const i64 *zones, i64 *lines, i64 *results)
{
    i64 at = 0;
    for (i64 c = 0; c < count; c++) {
        const i64 *cdr = cdrs + c * CDR;
        i64 *result = results + c * RESULT;
        i64 first = at, so_far = 0, flat_due = 1, last[4] = {-1, -1, -1, -1}, total[4] = {0, 0, 0, 0};
        const i64 *tariff = 0;
        for (i64 p = cdr[0]; p < cdr[CDR]; p++) {
            i64 *period = periods + p * PERIOD, t = -1;
            for (i64 i = cdr[1]; i < cdr[CDR + 1]; i++)
                if (candidates[CANDIDATE * i + 1] == period[1]) { t = candidates[CANDIDATE * i]; break; }
            period[13] = t;
            tariff = tariffs + t * TARIFF;
            i64 end = p + 1 < cdr[CDR] ? period[PERIOD] : cdr[3], length = end - period[0];
            i64 quantity[4] = {
                period[2] == NONE ? 0 : period[2] * 3600,
                period[3] == NONE ? 0 : hours(period[3], period[4], length),
                period[5] == NONE ? 0 : hours(period[5], period[6], length),
                flat_due ? UNIT : 0,
            };
            i64 local = local_time(zones, cdr[4], period[0]);
            i64 day = floor_div(local, DAY), second = (local - day * DAY) / 1000000;
            i64 elapsed = period[0] - periods[cdr[0] * PERIOD];
            i64 time = quantity[1] ? quantity[1] : length * 1000;
            for (int d = 0; d < 4; d++) {
                if (!quantity[d]) continue;
                for (i64 e = tariff[0]; e < tariff[TARIFF]; e++) {
                    const i64 *element = elements + e * ELEMENT;
                    if (element[16 + d] == NONE) continue;
                    if (!matches(element, second, day, so_far, elapsed, quantity[0], time)) continue;
                    i64 *line = lines + at * LINE;
                    line[0] = c; line[1] = p - cdr[0]; line[2] = d; line[3] = d;
                    line[4] = line[5] = quantity[d];
                    line[6] = element[16 + d]; line[7] = element[24 + d];
                    line[10] = t; line[11] = e;
                    last[d] = at++;
                    total[d] += quantity[d];
                    if (d == 3) flat_due = 0;
                    break;
                }
            }
            so_far += quantity[0];
        }
        for (int d = 0; d < 3; d++) {
            if (last[d] < 0 || (d == 1 && last[2] >= 0)) continue;
            i64 step = elements[lines[last[d] * LINE + 11] * ELEMENT + 20 + d];
            if (!step) continue;
            i64 over = total[d] % step;
            lines[last[d] * LINE + 5] += over <= (d ? 500000000 : 0) ? -over : step - over;
        }
        for (int i = 2; i < RESULT; i++) result[i] = i < 16 ? 0 : NONE;
        i128 net = 0, gross = 0;
        for (i64 l = first; l < at; l++) {
            i64 *line = lines + l * LINE, rate = line[7];
            i128 amount = (i128)line[5] * line[6], line_net, line_gross;
            if (tariff[2] == 1) {
                line_gross = amount * 1000000;
                line_net = line_gross * 1000000 / (1000000 + rate);
            } else {
                line_net = amount * 1000000;
                line_gross = amount * (1000000 + rate);
            }
            line[8] = millionth(line_net, (i128)UNIT * 1000000);
            line[9] = millionth(line_gross, (i128)UNIT * 1000000);
            result[6 + line[3]] += line[8];
            result[11 + line[3]] += line[9];
            if (line[2] != 3) result[16 + line[3]] = (result[16 + line[3]] == NONE ? 0 : result[16 + line[3]]) + line[5];
            net += line_net;
            gross += line_gross;
        }
        i128 one = (i128)UNIT * 1000000, cent = one * cdr[8];
        /* Each gross line lost less than one part to its division: give a tie its due. */
        if (tariff[2] == 1) net += at - first;
        if (tariff[12] != NONE && net > tariff[12] * one) net = tariff[12] * one;
        if (tariff[13] != NONE && gross > tariff[13] * one) gross = tariff[13] * one;
        result[0] = 0;
        result[1] = 0;
        result[4] = millionth(net, one);
        result[5] = millionth(gross, one);
        result[2] = (i64)((2 * net + cent) / (2 * cent)) * cdr[8];
        result[3] = (i64)((2 * gross + cent) / (2 * cent)) * cdr[8];
        i64 excl = result[2], incl = result[3];
        for (i64 l = first; l < at; l++) {
            excl -= lines[l * LINE + 8];
            incl -= lines[l * LINE + 9];
        }
        if (excl || incl) {
            i64 *line = lines + at++ * LINE;
            for (int i = 0; i < LINE; i++) line[i] = NONE;
            line[0] = c; line[2] = 6; line[8] = excl; line[9] = incl;
        }
    }
    return at;
}
