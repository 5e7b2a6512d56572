"""What a real Prometheus has read of a load test, beside the test's own report:

    scraped.py http://PROMETHEUS result.json docs/grafana.json

The percentiles that it has read are the report's; those that it reckons out of buckets are off by an eighth at
most; and every query of the dashboard finds something.
"""

import json
import sys
import urllib.parse
import urllib.request

PROMETHEUS, RESULT, DASHBOARD = sys.argv[1:]
# What a run in which nothing goes wrong has none of.
MAY_BE_EMPTY = ("call_errors_total",)


def query(text, **more):
    with urllib.request.urlopen(
        f"{PROMETHEUS}/api/v1/query?" + urllib.parse.urlencode({"query": text, **more})
    ) as answer:
        return json.load(answer)["data"]["result"]


def percentile(pairs, share):
    """The length that so many of all are not longer than, in seconds, as reports tell it."""
    rank = max(1, -(-share * sum(count for _, count in pairs) // 1))
    so_far = 0
    for us, count in pairs:
        so_far += count
        if so_far >= rank:
            return us / 1e6
    return None


result = json.load(open(RESULT))
last = query("lamplighter_load_run_lasted_seconds[10m]")
assert len(last) == 1, f"one gatherer was read: {last}"
# The moment at which it was read last: later there is nothing any more.
at = last[0]["values"][-1][0]
one = lambda text: float(query(text, time=at)[0]["value"][1])

assert one("lamplighter_load_visitors_sent_total") == result["rate"]["sent"], "not the last figures"
told = []
for name, operation in result["operations"].items():
    for start, pairs in (("intended", operation["intended"]), ("first-byte", operation["service"])):
        labels = f'operation="{name}",from="{start}"'
        for share in (0.5, 0.99):
            reported = percentile(pairs, share)
            read = one(f'lamplighter_load_quantile_seconds{{of="latency",{labels},quantile="{share}"}}')
            reckoned = one(f"histogram_quantile({share}, lamplighter_load_latency_seconds_bucket{{{labels}}})")
            assert abs(read / reported - 1) < 1e-6, (labels, share, read, reported)
            # Shorter than the first boundary, or longer than the last, is told by that.
            bounded = min(max(reported, 128e-6), 67.108864)
            assert reckoned <= bounded * 1.126 and (reported < 128e-6 or reckoned >= bounded / 1.126), (
                labels, share, reckoned, reported)
            if (name, start, share) == ("widget", "intended", 0.99):
                told.append(f"p99 of a visitor's read: {reported * 1e3:.3f} ms in the report, {read * 1e3:.3f} ms "
                            f"read, {reckoned * 1e3:.3f} ms out of buckets")

asked = 0
for panel in json.load(open(DASHBOARD))["panels"]:
    for target in panel["targets"]:
        text = target["expr"].replace("$instance", ".*").replace("$__rate_interval", "10s")
        # While it went on: rates want some readings.
        found = query(text, time=at - 3)
        assert found or any(name in text for name in MAY_BE_EMPTY), f"nothing is found by {text}"
        asked += 1
told.append(f"{asked} queries of the dashboard were answered")
print("\n".join(told))
