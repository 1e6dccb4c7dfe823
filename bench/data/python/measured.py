"""What each script prints: how long its work took, and what memory it needed."""

import json
import resource
import time


def peak_bytes(pid="self"):
    return int(open(f"/proc/{pid}/status").read().split("VmHWM:")[1].split()[0]) * 1024


def processor_seconds():
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def measured(work):
    """Prints the result of main.ts's SideResult. `work` returns (agreed, figures)."""
    imported = peak_bytes()
    began, began_processors = time.perf_counter(), processor_seconds()
    agreed, figures = work()
    seconds, processors = time.perf_counter() - began, processor_seconds() - began_processors
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    result = {"seconds": seconds, "processorSeconds": processors, "peakBytes": peak_bytes(), "importedBytes": imported}
    print(json.dumps({**result, "largestChildBytes": children, "agreed": agreed, "figures": figures}))
