"""Files of random columns, and how pandas and PyArrow read them.

    pip install pandas==3.1.1 pyarrow==26.0.1; python generated-files.py

Writes generated-files.reference.json. For each column: what it was made as (`kind`), and for either reader the column
type of Attune that its type corresponds to, and the values as `Example.values` would have them. A reader whose answer
is no value at all (an error) has null. Where Attune differs on purpose, generated-files.test.ts lists it by kind.
"""

import base64
import csv
import datetime as dt
import decimal
import io
import json
import math
import random
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet as pq

ROWS = 12
EPOCH = dt.datetime(1970, 1, 1)
WIDE = decimal.Context(prec=60)
warnings.simplefilter("ignore")


def main():
    files = []
    for seed in range(14):
        files.append(text_file(random.Random(f"csv {seed}"), seed, "CSV"))
        files.append(text_file(random.Random(f"tsv {seed}"), seed, "TSV"))
    files += [json_lines(random.Random(f"jsonl {seed}"), seed) for seed in range(8)]
    files += [parquet_file(random.Random(f"parquet {seed}"), seed) for seed in range(24)]
    for file in files:
        for column in file["columns"]:
            if column["pandas"] == column["pyarrow"]:
                column["pandas"] = "as PyArrow"
    path = Path(__file__).with_suffix(".reference.json")
    lines = [json.dumps(file, ensure_ascii=False, allow_nan=False) for file in files]
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


# ---------------------------------------------------------------- what readers say, in Attune's words


def type_of(arrow: pa.DataType) -> str:
    """The column type that a type of Arrow corresponds to, whatever the values."""
    t = pa.types
    if t.is_dictionary(arrow):
        return type_of(arrow.value_type)
    if t.is_boolean(arrow):
        return "BOOLEAN"
    if t.is_integer(arrow):
        return "INTEGER"
    if t.is_decimal(arrow):
        return "INTEGER" if arrow.scale == 0 else "FLOAT"
    if t.is_floating(arrow):
        return "FLOAT"
    if t.is_timestamp(arrow) or t.is_date(arrow):
        return "TIMESTAMP"
    if t.is_list(arrow) or t.is_large_list(arrow) or t.is_fixed_size_list(arrow):
        item = type_of(arrow.value_type)
        is_simple = item in ("TEXT", "INTEGER", "FLOAT") and not t.is_time(arrow.value_type)
        return f"{item}_LIST" if is_simple else "JSON"
    if t.is_struct(arrow) or t.is_map(arrow):
        return "JSON"
    return "TEXT"


def value_of(value, nested=False):
    """A value as `Example.values` has it."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value) if abs(int(value)) < 2**53 else str(int(value))
    if isinstance(value, decimal.Decimal):
        number = float(value)
        is_kept = decimal.Decimal(repr(number)) == value
        return (int(value) if value == int(value) and abs(value) < 2**53 else number) if is_kept else str(value)
    if isinstance(value, (float, np.floating)):
        number = float(value)
        if math.isnan(number):
            return "NaN"
        return number if math.isfinite(number) else ("Infinity" if number > 0 else "-Infinity")
    if isinstance(value, dt.datetime):
        return time_text(value, nested)
    if isinstance(value, dt.date):
        return value.isoformat() if nested else f"{value.isoformat()}T00:00:00.000Z"
    if isinstance(value, dt.time):
        return trimmed(value.isoformat(timespec="microseconds"))
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, np.ndarray):
        return [value_of(each, True) for each in value.tolist()]
    if isinstance(value, list):
        if value and all(isinstance(each, tuple) for each in value):
            return {str(key): value_of(each, True) for key, each in value}
        return [value_of(each, True) for each in value]
    if isinstance(value, dict):
        return {key: value_of(each, True) for key, each in value.items()}
    return value


def time_text(value, nested):
    micros = (value.astimezone(dt.timezone.utc).replace(tzinfo=None) if value.tzinfo else value) - EPOCH
    plain = EPOCH + micros
    if nested:
        return trimmed(plain.strftime("%Y-%m-%d %H:%M:%S.%f")) + ("+00" if value.tzinfo else "")
    digits = 6 if plain.microsecond % 1000 else 3
    return plain.strftime("%Y-%m-%dT%H:%M:%S.%f")[: 20 + digits] + "Z"


def trimmed(time):
    return time.rstrip("0").rstrip(".")


def pandas_type(series: pd.Series) -> str:
    dtype = series.dtype
    if pd.api.types.is_bool_dtype(dtype):
        return "BOOLEAN"
    if pd.api.types.is_integer_dtype(dtype):
        return "INTEGER"
    if pd.api.types.is_float_dtype(dtype):
        return "FLOAT"
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return "TIMESTAMP"
    first = next((each for each in series if isinstance(each, (list, np.ndarray, dict)) or not pd.isna(each)), None)
    if isinstance(first, (list, np.ndarray, dict)):
        return "LIST"
    return "TEXT"


def answer(column_type, values):
    return {"type": column_type, "values": [value_of(each) for each in values]}


def of_pandas(read):
    try:
        series = read()
    except Exception:
        return None
    # Among objects, NaN stands for nothing.
    missing = series.isna() if series.dtype == object else series.map(is_missing)
    return answer(pandas_type(series), [None if gone else each for gone, each in zip(missing, series.array)])


def is_missing(value):
    return value is None or value is pd.NA or value is pd.NaT


def of_arrow(read):
    try:
        column = read()
    except Exception:
        return None
    return answer(type_of(column.type), as_python(column))


def as_python(column):
    """Nanoseconds are cut to microseconds, which Python has."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    return column.to_pylist()


# ---------------------------------------------------------------- delimited text

WORDS = ["ham", "spam", "naïve", "日本語", "🙂 smile", "it's", "a-b", "50%", "Straße", "x"]


def number_text(r):
    return f"{r.choice(['', '-'])}{r.randrange(1000)}.{r.randrange(1000):03d}"


CELLS = {
    "whole numbers": lambda r: str(r.randrange(-(10**6), 10**6)),
    "whole numbers of 64 bits": lambda r: str(r.choice([2**63 - 1, -(2**63), r.randrange(-(2**63), 2**63)])),
    "whole numbers of 64 bits without a sign": lambda r: str(r.randrange(2**63, 2**64)),
    "whole numbers beyond 64 bits": lambda r: str(r.randrange(10**20, 10**25)),
    "fractions": number_text,
    "fractions of many digits": lambda r: repr(r.uniform(-180, 180)),
    "whole numbers and fractions": lambda r: str(r.randrange(100)) if r.random() < 0.5 else number_text(r),
    "identifiers and a fraction": lambda r: str(r.randrange(10**17, 10**18)) if r.random() < 0.8 else "0.5",
    "exponents": lambda r: f"{r.randrange(1, 10)}.{r.randrange(10)}e{r.choice(['', '-', '+'])}{r.randrange(20)}",
    "leading zeros": lambda r: f"0{r.randrange(100):02d}",
    "plus signs": lambda r: f"+{r.randrange(100)}",
    "flags": lambda r: r.choice(["true", "false"]),
    "capital flags": lambda r: r.choice(["True", "False"]),
    "zero and one": lambda r: r.choice("01"),
    "yes and no": lambda r: r.choice(["yes", "no"]),
    "dates": lambda r: (dt.date(1970, 1, 1) + dt.timedelta(r.randrange(-40000, 40000))).isoformat(),
    "times": lambda r: (EPOCH + dt.timedelta(seconds=r.randrange(-(10**9), 10**9))).isoformat(" "),
    "times with T": lambda r: (EPOCH + dt.timedelta(seconds=r.randrange(10**9))).isoformat(),
    "times with fractions": lambda r: (EPOCH + dt.timedelta(microseconds=r.randrange(1, 10**15) | 1)).isoformat(" "),
    "times with a zone": lambda r: f"{(EPOCH + dt.timedelta(seconds=r.randrange(10**9))).isoformat()}Z",
    "days of other calendars": lambda r: f"{r.randrange(1, 29)}/{r.randrange(1, 13)}/20{r.randrange(10, 30)}",
    "words": lambda r: r.choice(WORDS),
    "texts": lambda r: " ".join(r.choice(WORDS) for _ in range(r.randrange(1, 6))),
    "words and numbers": lambda r: r.choice([r.choice(WORDS), str(r.randrange(100))]),
    "words for nothing": lambda r: r.choice(["NA", "null", "None", "nan", "ham"]),
    "numbers and NA": lambda r: r.choice(["NA", str(r.randrange(100))]),
    "numbers and inf": lambda r: r.choice(["inf", "-inf", number_text(r)]),
    "numbers with blanks": lambda r: f" {r.randrange(100)}",
    "numbers of base 16": lambda r: hex(r.randrange(16, 1000)),
    "versions": lambda r: f"{r.randrange(10)}.{r.randrange(10)}.{r.randrange(10)}",
    "nothing": lambda r: "",
}
QUOTED = {
    "thousands": lambda r: f"{r.randrange(1, 9)},{r.randrange(1000):03d}",
    "texts of several lines": lambda r: f'{r.choice(WORDS)}, "{r.choice(WORDS)}"\n{r.choice(WORDS)}',
}


def turn(kinds, seed, count):
    """Every kind has its turn."""
    return [kinds[(seed * count + i) % len(kinds)] for i in range(count)]


def text_file(r, seed, file_format):
    kinds = CELLS | (QUOTED if file_format == "CSV" else {})
    chosen = ["words", *turn(sorted(kinds), seed, 5)]
    gaps = [False] + [r.random() < 0.5 for _ in chosen[1:]]
    columns = []
    for kind, has_gaps in zip(chosen, gaps):
        cells = [kinds[kind](r) for _ in range(ROWS)]
        columns.append([("" if has_gaps and i > 2 and r.random() < 0.3 else cell) for i, cell in enumerate(cells)])
    names = [f"c{i}" for i in range(len(chosen))]
    sink = io.StringIO()
    is_csv = file_format == "CSV"
    dialect = {"lineterminator": "\n"} | (
        {} if is_csv else {"delimiter": "\t", "quoting": csv.QUOTE_NONE, "quotechar": None}
    )
    csv.writer(sink, **dialect).writerows([names, *zip(*columns)])
    content = sink.getvalue()
    frame = pd.read_csv(
        io.StringIO(content),
        dtype_backend="numpy_nullable",
        skip_blank_lines=False,
        **({} if is_csv else {"sep": "\t", "quoting": csv.QUOTE_NONE}),
    )
    table = pa.csv.read_csv(
        io.BytesIO(content.encode()),
        parse_options=pa.csv.ParseOptions(
            delimiter="," if is_csv else "\t", quote_char='"' if is_csv else False, newlines_in_values=True
        ),
        # An empty cell is missing, and no word is.
        convert_options=pa.csv.ConvertOptions(strings_can_be_null=True, null_values=[""]),
    )
    return {
        "format": file_format,
        "content": content,
        "columns": [
            {
                "name": name,
                "kind": kind,
                "pandas": of_pandas(lambda: frame[name]),
                "pyarrow": of_arrow(lambda: table[name].combine_chunks()),
            }
            for name, kind in zip(names, chosen)
        ],
    }


# ---------------------------------------------------------------- JSON lines

JSON_VALUES = {
    "whole numbers": lambda r: r.randrange(-(10**6), 10**6),
    "whole numbers of 64 bits": lambda r: r.choice([2**63 - 1, -(2**63), r.randrange(-(2**63), 2**63)]),
    "fractions": lambda r: r.uniform(-1e6, 1e6),
    "whole numbers and fractions": lambda r: r.choice([r.randrange(100), r.uniform(0, 1)]),
    "flags": lambda r: r.random() < 0.5,
    "words": lambda r: r.choice(WORDS),
    "digits": lambda r: f"{r.randrange(100)}",
    "words and numbers": lambda r: r.choice([r.choice(WORDS), r.randrange(100)]),
    "lists of words": lambda r: r.sample(WORDS, r.randrange(1, 4)),
    "lists of whole numbers": lambda r: [r.randrange(100) for _ in range(r.randrange(1, 4))],
    "lists of fractions": lambda r: [r.random() for _ in range(r.randrange(1, 4))],
    "lists of flags": lambda r: [r.random() < 0.5 for _ in range(r.randrange(1, 4))],
    "lists of lists": lambda r: [[r.randrange(100)] for _ in range(r.randrange(1, 4))],
    "lists with gaps": lambda r: [r.randrange(100), None],
    "objects": lambda r: {"a": r.randrange(100), "b": r.choice(WORDS), "c": [r.random()]},
    "nothing": lambda r: None,
}


def json_lines(r, seed):
    chosen = ["words", *turn(sorted(JSON_VALUES), seed, 5)]
    names = [f"c{i}" for i in range(len(chosen))]
    rows = []
    for i in range(ROWS):
        row = {name: JSON_VALUES[kind](r) for name, kind in zip(names, chosen)}
        # A key that is not there, and null, are the same.
        row |= {name: None for name in names[1:] if i > 2 and r.random() < 0.15}
        rows.append({name: value for name, value in row.items() if value is not None or i < 3 or r.random() < 0.5})
    lines = lambda some: "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in some)

    def column(name):
        """The column alone, every row having it: readers refuse some mixtures, and must not refuse the others."""
        return lines([{name: row.get(name)} for row in rows])

    return {
        "format": "JSONL",
        "content": lines(rows),
        "columns": [
            {
                "name": name,
                "kind": kind,
                "pandas": of_pandas(
                    lambda: pd.read_json(
                        io.StringIO(column(name)),
                        lines=True,
                        dtype=False,
                        convert_dates=False,
                        precise_float=True,
                        dtype_backend="numpy_nullable",
                    )[name]
                ),
                "pyarrow": of_arrow(
                    lambda: pa.json.read_json(io.BytesIO(column(name).encode()))[name].combine_chunks()
                ),
            }
            for name, kind in zip(names, chosen)
        ],
    }


# ---------------------------------------------------------------- Parquet


def moment(r):
    return EPOCH + dt.timedelta(microseconds=r.randrange(-(10**15), 10**15))


def float_of(r):
    return r.choice([0.1, -2.5, 1e300, float("nan"), float("inf"), -float("inf"), r.uniform(-1, 1)])


def decimal_of(r, digits, scale):
    return decimal.Decimal(r.randrange(-(10**digits), 10**digits)).scaleb(-scale, WIDE)


ARROW = {
    "string": (pa.string(), lambda r: r.choice(WORDS)),
    "large_string": (pa.large_string(), lambda r: r.choice(WORDS)),
    "dictionary": (pa.dictionary(pa.int32(), pa.string()), lambda r: r.choice(WORDS)),
    "binary of text": (pa.binary(), lambda r: r.choice(WORDS).encode()),
    "bool": (pa.bool_(), lambda r: r.random() < 0.5),
    **{
        f"int{n}": (getattr(pa, f"int{n}")(), lambda r, n=n: r.randrange(-(2 ** (n - 1)), 2 ** (n - 1)))
        for n in (8, 16, 32, 64)
    },
    **{f"uint{n}": (getattr(pa, f"uint{n}")(), lambda r, n=n: r.randrange(2**n)) for n in (8, 16, 32)},
    "uint64 of 63 bits": (pa.uint64(), lambda r: r.randrange(2**63)),
    "uint64": (pa.uint64(), lambda r: r.randrange(2**63, 2**64)),
    "float": (pa.float32(), lambda r: float(np.float32(r.uniform(-1, 1)))),
    "double": (pa.float64(), float_of),
    "halffloat": (pa.float16(), lambda r: np.float16(r.choice([0.5, -1.25, 1000]))),
    "decimal(9, 2)": (pa.decimal128(9, 2), lambda r: decimal_of(r, 9, 2)),
    "decimal(38, 10) of few digits": (
        pa.decimal128(38, 10),
        lambda r: decimal_of(r, 12, 3).quantize(decimal.Decimal("1e-10"), context=WIDE),
    ),
    "decimal(38, 10) of many digits": (pa.decimal128(38, 10), lambda r: decimal_of(r, 38, 10)),
    "decimal(12, 0)": (pa.decimal128(12, 0), lambda r: decimal_of(r, 12, 0)),
    "decimal(38, 0) of many digits": (pa.decimal128(38, 0), lambda r: decimal_of(r, 38, 0)),
    "date32": (pa.date32(), lambda r: moment(r).date()),
    "date64": (pa.date64(), lambda r: moment(r).date()),
    "timestamp[s]": (pa.timestamp("s"), lambda r: moment(r).replace(microsecond=0)),
    "timestamp[ms]": (pa.timestamp("ms"), lambda r: moment(r).replace(microsecond=123000)),
    "timestamp[us]": (pa.timestamp("us"), moment),
    "timestamp[ns]": (pa.timestamp("ns"), moment),
    "timestamp[us, zone]": (
        pa.timestamp("us", "America/New_York"),
        lambda r: moment(r).replace(tzinfo=dt.timezone.utc),
    ),
    "time32": (pa.time32("ms"), lambda r: moment(r).time().replace(microsecond=120000)),
    "time64": (pa.time64("us"), lambda r: moment(r).time()),
    "null": (pa.null(), lambda r: None),
}
ITEMS = ["string", "binary of text", "bool", "int32", "int64", "uint64", "float", "double", "decimal(9, 2)",
         "decimal(38, 10) of many digits", "date32", "timestamp[us]", "timestamp[us, zone]"]  # fmt: skip


def arrow_kind(r, depth=0, nested=False):
    """A random type, its name, and a maker of values."""
    shapes = [] if nested else ["plain", "plain"]
    shape = r.choice([*shapes, "list", "list", "struct", "map"]) if depth < 3 else "plain"
    if shape == "plain":
        name = r.choice(ITEMS)
        return (name, *ARROW[name])
    inner = [arrow_kind(r, depth + 1) for _ in range(2 if shape == "struct" else 1)]
    name, arrow, make = inner[0]
    maybe = lambda r, make: None if r.random() < 0.15 else make(r)
    if shape == "list":
        full = depth == 0 and r.random() < 0.6
        item = make if full else lambda r: maybe(r, make)
        return (
            f"list<{name}>{'' if full else ' with gaps'}",
            pa.list_(arrow),
            lambda r: [item(r) for _ in range(r.randrange(4))],
        )
    if shape == "map":
        entries = lambda r: [(key, maybe(r, make)) for key in r.sample(WORDS, r.randrange(1, 3))]
        return (f"map<{name}>", pa.map_(pa.string(), arrow), entries)
    fields = {f"f{i} é": each for i, each in enumerate(inner)}
    return (
        f"struct<{', '.join(each[0] for each in inner)}>",
        pa.struct([(key, each[1]) for key, each in fields.items()]),
        lambda r: {key: maybe(r, each[2]) for key, each in fields.items()},
    )


def parquet_file(r, seed):
    plain = [(kind, *ARROW[kind]) for kind in turn(sorted(ARROW), seed, 3)]
    chosen = [("string", *ARROW["string"]), *plain, *(arrow_kind(r, nested=True) for _ in range(3))]
    arrays = []
    for i, (_, arrow, make) in enumerate(chosen):
        values = [None if i > 0 and row > 1 and r.random() < 0.2 else make(r) for row in range(ROWS)]
        arrays.append(pa.array(values, arrow))
    names = [f"c{i}" for i in range(len(chosen))]
    sink = io.BytesIO()
    pq.write_table(
        pa.table(arrays, names=names),
        sink,
        compression=r.choice(["none", "snappy", "zstd", "gzip", "brotli", "lz4"]),
        use_dictionary=r.random() < 0.5,
        data_page_version=r.choice(["1.0", "2.0"]),
        row_group_size=r.choice([5, ROWS]),
        version="2.6",
        store_schema=False,
    )
    content = sink.getvalue()
    table = pq.read_table(io.BytesIO(content))
    frame = pd.read_parquet(io.BytesIO(content), dtype_backend="numpy_nullable")
    return {
        "format": "PARQUET",
        "base64": base64.b64encode(content).decode(),
        "columns": [
            {
                "name": name,
                "kind": kind,
                # pandas has no types for what is nested, counts dates and decimals among other objects, and has NaN
                # for missing half floats.
                "pandas": of_pandas(lambda: frame[name]) if pandas_knows(arrow) else None,
                "pyarrow": of_arrow(lambda: table[name].combine_chunks()),
            }
            for name, (kind, arrow, _) in zip(names, chosen)
        ],
    }


def pandas_knows(arrow):
    t = pa.types
    return (
        t.is_boolean(arrow)
        or t.is_integer(arrow)
        or arrow in (pa.float32(), pa.float64(), pa.string())
        or t.is_timestamp(arrow)
    )


main()
