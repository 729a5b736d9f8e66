#!/usr/bin/env python3
"""Keeps a copy of a dataset in step with its events, and proves at each
changeset that nothing was missed:

    python3 follow.py http://127.0.0.1:8080/events copy.json

It reads server-sent events over HTTP, and needs no packages. The copy is
replaced after each changeset, never half of one. After an interruption the
program goes on from where the copy is.
"""

import hashlib
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.request
from decimal import Decimal

RETRY = 1.0  # seconds


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def number(value):
    """A number as ECMAScript writes it, which RFC 8785 asks for."""
    text = repr(float(value))  # the fewest digits that say which it is, as there
    if value == 0:
        return "0"
    if 1e-6 <= abs(value) < 1e21:
        return format(Decimal(text), "f").removesuffix(".0")
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent):+d}"


def canonical(value):
    """RFC 8785, the JSON that digests are made of."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(canonical(name) + ":" + canonical(value[name]) for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number(value)
    return json.dumps(value, ensure_ascii=False)


class State:
    """Records by "<collection>/<id>", and their digest."""

    def __init__(self, records=()):
        self.records = {}
        self._digests = [{} for _ in range(256)]  # by name
        self._buckets = [None] * 256  # None: to be worked out
        for name, record in dict(records).items():
            self.put(name, record)

    def put(self, name, record):
        self.records[name] = record
        self._bucket(name)[name] = "sha256:" + sha256(canonical(record))

    def apply(self, changes):
        """Takes changes in, and returns those that undo them."""
        undo = []
        for name, record in changes:
            undo.append((name, self.records.get(name)))
            if record is None:
                self.remove(name)
            else:
                self.put(name, record)
        return undo[::-1]

    def remove(self, name):
        self.records.pop(name, None)
        self._bucket(name).pop(name, None)

    def _bucket(self, name):
        n = int(sha256(name)[:2], 16)
        self._buckets[n] = None
        return self._digests[n]

    def digest(self):
        for n, digests in enumerate(self._digests):
            if self._buckets[n] is None:
                self._buckets[n] = sha256("".join(sorted(f"{name} {digest}\n" for name, digest in digests.items())))
        return "sha256:" + sha256("".join(f"{n:02x} {digest}\n" for n, digest in enumerate(self._buckets)))


def events(address, since):
    """Yields places, which are <sequence>-<epoch>, and CloudEvents, for ever.

    The epoch tells a stream from one that was made in its place. A place that is
    not in the present one is answered with 410, and why."""
    while True:
        request = urllib.request.Request(address, headers={"Last-Event-ID": str(since)})
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                fields = {}
                for line in response:
                    name, _, text = line.decode().rstrip("\r\n").partition(": ")
                    if name:
                        fields[name] = text
                    elif "data" in fields:
                        since = fields["id"]
                        yield since, json.loads(fields["data"])
                        fields = {}
        except urllib.error.HTTPError as error:
            if error.code < 500:
                sys.exit(f"{address}: {error.read().decode().strip()}")
        except (OSError, http.client.HTTPException):
            pass  # the server is away, or was silent for too long
        time.sleep(RETRY)


def load(file):
    try:
        with open(file, encoding="utf-8") as f:
            return json.load(f)
    except FileNotFoundError:
        return {"sequence": 0, "records": {}}


def save(file, copy):
    with open(file + ".new", "w", encoding="utf-8") as f:
        json.dump(copy, f)
        f.flush()
        os.fsync(f.fileno())
    os.replace(file + ".new", file)


def follow(address, file):
    copy = load(file)
    state = State(copy["records"])
    known = copy["sequence"]
    pending = []  # record events count once their changeset is complete
    since = f"{known}-{copy['epoch']}" if "epoch" in copy else max(known - 1, 0)
    if "epoch" in copy:
        known = 0  # the server knows whether it is in the stream
    for place, event in events(address, since):
        data = event["data"]
        sequence, epoch = (int(number) for number in place.split("-"))
        if known:  # the copy's own changeset comes first
            if (sequence, event["id"]) != (known, copy["changeset"]):
                sys.exit(f"{file} is of another stream; delete it to begin anew")
            known = 0
            continue
        if event["type"].startswith("netsync.record."):
            pending.append((event["subject"], data["record"]))
        if event["type"] != "netsync.changeset.completed":
            continue
        undo = state.apply(pending)
        digest = state.digest()
        if digest != data["state_digest"]:
            print(f"changeset {data['changeset']} is set aside: the events give {digest}, announced is {data['state_digest']}", file=sys.stderr)
            state.apply(undo)
            continue  # a later changeset covers these changes
        save(file, {"sequence": sequence, "epoch": epoch, "changeset": data["changeset"], "records": state.records})
        print(f"{data['changeset']}: {len(pending)} changes, {data['records']} records, {digest}", flush=True)
        pending = []


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: follow.py ADDRESS COPY")
    try:
        follow(*sys.argv[1:])
    except KeyboardInterrupt:
        pass
