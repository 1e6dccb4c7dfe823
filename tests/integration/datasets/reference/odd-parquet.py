"""Parquet files that DuckDB does not write: pip install pyarrow==26.0.1; python odd-parquet.py

Writes odd-parquet.reference.json: files by name, in base64.
"""

import base64
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

texts = pa.array(["a", "b", "c"])
last, first = 2**63 - 1, -(2**63)


def written(columns, **options):
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, **options)
    return sink.getvalue()


def unchecked_text(*values):
    """A column of texts of any bytes."""
    return pa.Array.from_buffers(pa.string(), len(values), pa.array(values, pa.binary()).buffers())


def times(unit, *values, zone=None):
    return pa.array(values, pa.timestamp(unit, zone))


def nested(levels, outer):
    """A column of values inside each other; `outer` makes a type of the inner one, and a value of the inner one."""
    inner, value = pa.float64(), 0.5
    for _ in range(levels):
        inner, value = outer(inner, value)
    return pa.array([value], inner)


integers = pa.array([1, 2, 3])
files = {
    "badUtf8": written({"text": texts, "label": unchecked_text(b"ok", b"caf\xe9", b"x")}),
    "badUtf8InList": written(
        {"text": texts, "labels": pa.ListArray.from_arrays([0, 1, 2, 3], unchecked_text(b"ok", b"caf\xe9", b"x"))}
    ),
    "byteStreamSplit": written(
        {"text": texts, "number": integers},
        use_dictionary=False,
        column_encoding={"text": "PLAIN", "number": "BYTE_STREAM_SPLIT"},
    ),
    # In the footer, after a column's path, the codec is a field of an enum: 7 (LZ4_RAW) becomes 5 (LZ4).
    "hadoopLz4": written({"text": texts}, compression="lz4").replace(b"text\x15\x0e", b"text\x15\x0a"),
    "longDecimals": written({"text": texts, "price": pa.array([1, 2, 3], pa.decimal256(50, 2))}),
    "brokenJson": written({"text": texts, "record": pa.array(['{"a":1}', '{"a"', None], pa.json_())}),
    "farTimes": written(
        {
            "micros": times("us", last, first, 9_061_891_200_000_000_000),
            "zoned": times("us", last, first, first + 1, zone="Europe/Berlin"),
            "millis": times("ms", 253_402_300_800_000, -62_135_596_800_001, None),
            "nanos": times("ns", last, first, first + 1),
            "days": pa.array([2**31 - 1, -(2**31), 1], pa.date32()),
            "list": pa.array([[last], [first], [1]], pa.list_(pa.timestamp("us"))),
            "zonedList": pa.array([[last], [first], [1]], pa.list_(pa.timestamp("us", "Asia/Tokyo"))),
            "nanosList": pa.array([[first], [1], [None]], pa.list_(pa.timestamp("ns"))),
        },
        version="2.6",
    ),
    "deepLists": written({"list": nested(40, lambda inner, value: (pa.list_(inner), [value]))}),
    "deepRecords": written({"record": nested(200, lambda inner, value: (pa.struct([("a", inner)]), {"a": value}))}),
    "nestedLists": written({"list": nested(8, lambda inner, value: (pa.list_(inner), [value]))}),
    "nestedRecords": written({"record": nested(60, lambda inner, value: (pa.struct([("a", inner)]), {"a": value}))}),
    "noValues": written({"text": texts, "nothing": pa.nulls(3)}),
}
path = Path(__file__).with_suffix(".reference.json")
path.write_text(json.dumps({name: base64.b64encode(data).decode() for name, data in files.items()}, indent=1) + "\n")
