# work.py N: classes, dictionaries, generators, strings.
import sys


class Point:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Point((self.x + other.x) % 1009, (self.y * 3 + other.y) % 1013)


def walk(n):
    at = Point(1, 2)
    for i in range(n):
        at = at + Point(i % 17, i % 19)
        yield at


counts = {}
for p in walk(int(sys.argv[1])):
    key = f"{p.x // 10}:{p.y // 100}"
    counts[key] = counts.get(key, 0) + 1
best = sorted(counts.items(), key=lambda e: (-e[1], e[0]))[:3]
print(len(counts), best, sum(map(len, counts)))
