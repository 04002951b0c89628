"""Push over HTTP, gzip, majority and journaled, beside a bare insert_many of the same documents."""

import statistics
import time
from collections.abc import Iterator

from bench.district import interview_ops, registered, services
from bench.served import Client, web
from store.client import MAJORITY
from sync.settle import settle

BATCH = 50
BATCHES = 40


def run(uri: str) -> Iterator[tuple[str, str, str]]:
    made = services(uri, "bench_push")
    homes = registered(made, BATCH * BATCHES // 3 + 1)
    settle(made, limit=len(homes))
    ops = interview_ops(made, homes, 5)[: BATCH * BATCHES]
    with web(uri, "bench_push") as url:
        client = Client(made, url)
        answer, _ = client.send(*client.request([], None))
        batches = [client.request(ops[i : i + BATCH], answer["cursor"]) for i in range(0, len(ops), BATCH)]
        pushing = []
        for batch in batches:
            started = time.perf_counter()
            answer, _ = client.send(*batch)
            pushing.append(time.perf_counter() - started)
            assert {result["status"] for result in answer["results"]} == {"stored"}, answer["results"][0]
    documents = list(made.store["ops"].find({"kind": "interview"}))
    size = sum(len(document["body"]) for document in documents) / len(documents)
    bare = made.store.client.get_database("bench_push", write_concern=MAJORITY)["bare"]
    inserting = []
    for start in range(0, len(documents), BATCH):
        started = time.perf_counter()
        bare.insert_many(documents[start : start + BATCH], ordered=False)
        inserting.append(time.perf_counter() - started)
    push, insert = statistics.median(pushing), statistics.median(inserting)
    yield f"push of {BATCH} interviews of {size:.0f} B over HTTP", f"{push * 1000:.1f} ms a batch", ""
    yield "bare insert_many of the same documents", f"{insert * 1000:.1f} ms a batch", ""
    yield "push ÷ bare insert_many (throughput)", f"{insert / push:.0%}", "≥ 50 %"
