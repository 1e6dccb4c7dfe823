"""Makes the workbooks of workbooks.test.ts with openpyxl 3.1.5: python make.py"""

from datetime import date, datetime, time
from pathlib import Path

from openpyxl import Workbook

folder = Path(__file__).parent

book = Workbook()
notes = book.active
notes.title = "Notes"
notes.sheet_state = "hidden"
notes.append(["a hidden sheet"])
book.create_sheet("Empty")
data = book.create_sheet("Data")
data.append(["text", "label", "count", "share", "flag", "day", "moment", "hour", "code"])
data.append(["Größe & <b>", "yes", 1, 0.1, True, date(2024, 2, 29), datetime(2024, 2, 29, 10, 30), time(7, 5), "007"])
data.append(["two\nlines, \"quoted\"", "no", 9007199254740991, -2.5, False, date(1900, 1, 1), datetime(1999, 12, 31, 23, 59, 59), time(23, 59, 1), "+1"])
data.append([])
data.append(["=1+1", "no", None, 1e-7, None, None, None, None, None])
data.append(["merged", None, 3, 4, None, date(1900, 3, 1), None, None, "#N/A"])
data["I6"].data_type = "e"
data.merge_cells("A6:B6")
data["B2"].number_format = "@"
data["C2"].number_format = "#,##0"
data["D2"].number_format = "0.0%"
book.save(folder / "kinds.xlsx")
