#!/usr/bin/env python3
"""Prints expressions over character sets of several bytes a character, EBCDIC and others, one per line.
Recorded in src/expr/testdata/sql_charsets_wide.inc.

usage: charsets_wide.py > expressions.txt
"""
TEXTS = ("aZ09~\\|@[{", "é中Я€😀한あｱ", "โש¥‾—―№㈱凜", "繁體鷗叱", "ñöÄẾãŸ﷼½", "", "")
BYTES = ("418242C0A4A2", "8140FE508EB18FB0A1", "80FFA1", "8130813041", "8431A43790308130", "81", "8130", "B0A1A1FE7E5C", "C3D0E97B4A5A4F7F15250D", "A1A2A3A4A5A6A7A8")
SETS = ("GBK", "CP936", "GB18030", "GB2312", "Big5", "Shift_JIS", "sjis", "windows-31j", "MS932", "EUC-JP", "EUC-KR", "x-windows-949", "x-windows-950",
        "x-Johab", "TIS-620", "windows-1255", "windows-1258", "x-windows-874", "IBM037", "cp037", "IBM273", "IBM278", "IBM500", "IBM1047", "IBM1026",
        "IBM01140", "IBM01147", "IBM297", "IBM424", "IBM870", "IBM871", "x-IBM1025", "x-IBM875", "x-IBM737", "IBM00858")


def main():
    for name in SETS:
        for text in TEXTS[:-1]:
            print("HEX(DECODE(ENCODE('%s', '%s'), 'ISO-8859-1'))" % (text, name))
        print("HEX(DECODE(ENCODE(CONCAT(CHR(10), CHR(133), CHR(160)), '%s'), 'ISO-8859-1'))" % name)
        for data in BYTES:
            print("DECODE(X'%s', '%s')" % (data, name))
        print("ENCODE(CAST(NULL AS STRING), '%s') IS NULL" % name)


main()
