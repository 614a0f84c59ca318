"""What the reader gets: wording, tables, charts, the report page, workbooks and CSV files.

The stages hand over exact values and text keys; only here do they become text.
"""
