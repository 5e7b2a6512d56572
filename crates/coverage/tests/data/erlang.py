#!/usr/bin/env python3
"""Reference values for Erlang C and Erlang A (needs mpmath), by other formulas than the crate's: the sums of
Erlang's own, and the density of the virtual wait (Baccelli and Hebuterne 1981, Zeltyn and Mandelbaum 2005):
v(x) = v(0) exp(lambda (1 - exp(-theta x)) / theta - n mu x), with P(fewer than n) + integral of v = 1.

`erlang.py noise` writes noise.csv instead: of each load of Erlang C in published.csv, how well a million chats
know the share that is answered in time. The standard error, by the variance of the mean of f(queue) over a
birth-and-death process, 2 sum (sum pi (f - mean f))^2 / (lambda pi), and of what each chat adds."""
import csv, math, os, sys

def noise(n, a, h, t, chats=1e6):
    lam, mu = a / h, 1 / h
    pi = [1.0]
    while len(pi) < n + 5 or pi[-1] > 1e-14 * max(pi):
        pi.append(pi[-1] * lam / (min(len(pi), n) * mu))
    pi = [p / sum(pi) for p in pi]
    f, likely, beyond = [1.0] * n, math.exp(-n * mu * t), 1.0  # f: in time, with so many before one
    for k in range(1, len(pi) - n + 1):
        beyond -= likely
        likely *= n * mu * t / k
        f.append(max(0.0, beyond))
    mean = sum(p * x for p, x in zip(pi, f))
    below, variance = 0.0, sum(p * x * (1 - x) for p, x in zip(pi, f))
    for p, x in list(zip(pi, f))[:-1]:
        below += p * (x - mean)
        variance += 2 * below**2 / p
    return mean, math.sqrt(variance / chats)

if sys.argv[1:] == ["noise"]:
    with open(os.path.join(os.path.dirname(__file__), "published.csv")) as file:
        rows = [row for row in csv.reader(line for line in file if not line.startswith("#"))][1:]
    print("# The standard error of the share answered in time by a million chats, by tests/data/erlang.py noise.")
    print("places,erlangs,handle_s,patience_s,within_s,standard_error")
    loads = dict.fromkeys(tuple(row[:5]) for row in rows if row[3] == "0")
    for n, a, h, p, t in loads:
        print(f"{n},{a},{h},{p},{t},{noise(int(n), float(a), float(h), float(t))[1]:.5f}")
    sys.exit()

from mpmath import mp, mpf, exp, quad, factorial, inf
mp.dps = 30

def cases():
    # places, load in Erlangs, handle in s, patience in s (0 for ever), within in s
    # Loads at which a million chats know the share to half a percentage point.
    for n, a, h in [(1, .45, 180), (2, 1, 240), (3, 1.5, 300), (4, 2.2, 60), (5, 2.7, 360), (6, 3.4, 120),
                    (8, 4.7, 300), (10, 6.2, 180), (13, 8.4, 180), (14, 9.2, 180), (16, 11, 90), (20, 13.5, 240),
                    (24, 17, 200), (28, 20, 360), (37, 27, 752), (40, 29.5, 300), (50, 38.5, 240), (60, 47.5, 180),
                    (80, 63.5, 420), (112, 92, 300)]:
        yield n, a, h, 0, 20
    for n, a, h, p in [(1, .5, 180, 120), (1, 1.5, 180, 120), (2, 1.2, 240, 60), (3, 3, 300, 180), (5, 4, 360, 120),
                       (5, 7, 360, 120), (8, 8, 300, 60), (10, 8, 180, 300), (10, 12, 180, 90), (13, 10, 180, 300),
                       (14, 10, 180, 60), (20, 22, 240, 120), (25, 20, 360, 240), (30, 30, 120, 120),
                       (40, 36, 300, 600), (50, 48, 60, 120), (60, 66, 180, 30), (80, 76, 420, 180),
                       (100, 100, 300, 120), (112, 100, 300, 60)]:
        yield n, a, h, p, 30

print("# Reference values by tests/data/erlang.py: the share that waits, leaves, and is answered in time.")
print("places,erlangs,handle_s,patience_s,within_s,waits,left,answered_within")
for n, a, h, p, t in cases():
    a, h = mpf(str(a)), mpf(h)
    lam, mu = a / h, 1 / h
    free = [a**k / factorial(k) for k in range(n)]  # beside p_0
    if p == 0:
        top = a**n / factorial(n) * n / (n - a)
        waits = top / (sum(free) + top)
        left, within = mpf(0), 1 - waits * exp(-(n - a) * t / h)
    else:
        theta = mpf(1) / p
        v = lambda x: exp(lam * (1 - exp(-theta * x)) / theta - n * mu * x)
        ends = [0, 5, 20, 60, 180, 600, 2000, 8000, 40000]
        whole = quad(v, ends)
        v0 = lam * free[-1]  # beside p_0
        all_ = sum(free) + v0 * whole
        waits = v0 * whole / all_
        left = v0 * quad(lambda x: (1 - exp(-theta * x)) * v(x), ends) / all_
        within = sum(free) / all_ + v0 * quad(lambda x: exp(-theta * x) * v(x), [0, t / 2, t]) / all_
    print(f"{n},{mp.nstr(a, 6)},{mp.nstr(h, 6)},{p},{t},{mp.nstr(waits, 12)},{mp.nstr(left, 12)},{mp.nstr(within, 12)}")
