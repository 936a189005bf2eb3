#!/usr/bin/env python3
"""Prints expressions over JSON paths with several names, functions and filters, one per line.
Recorded in src/expr/testdata/sql_json_paths.inc.

usage: jsonpaths.py > expressions.txt
       jsonpaths.py --short < long.inc > short.inc    the two documents once each
"""
import sys

FIRST_DOC = '{"a": [{"b": 1, "c": "x"}, {"b": 2}, {"b": 2.5, "c": "yy", "d": true}, {"c": null}, 5, "s"], "o": {"b": 3, "c": "z", "e": {}}, "n": [1, 5, 10, "5", null], "m": [3, 1.5, -2], "k": 2, "t": "x😀y", "z": [], "l": [[1, 2], [3], []], "s": ["yy", "q", "x"], "p": [{"v": [1, 2]}, {"v": [2, 3, 4]}, {"v": []}, {"v": "1"}]}'
FIRST = r"""
$['o','n']
$.o['b','c']
$.o["c", "b"]
$['o']['b','zz']
$['zz','yy']
$.a[*]['b','c']
$..['b','c']
$.o['b','e']['x']
$['o','n'][0]
$['o','o']
$.zz['a','b']
$.k['a','b']
$.n['a','b']
$['o','k'].b
$.a[0]['b','c']
$['t' , 'k']
$.a['b','c']
$.o['b','c'].x
$[*]['b','c']
$.a[1]['b','c']
$.a[0:3]['b','c']
$.a[3]['b','c']
$.n.length()
$.length()
$.o.length()
$.t.length()
$.k.length()
$.zz.length()
$.z.length()
$.n.size()
$.o.size()
$.o.keys()
$.keys()
$.n.keys()
$.a[0].keys()
$.m.min()
$.m.max()
$.m.avg()
$.m.sum()
$.m.stddev()
$.n.min()
$.n.sum()
$.z.min()
$.z.sum()
$.s.min()
$.k.sum()
$.k.min()
$.o.sum()
$.m.first()
$.m.last()
$.m.index(1)
$.m.index(-1)
$.m.index(7)
$.n.first()
$.z.first()
$.s.concat()
$.n.concat()
$.m[*].sum()
$.a[*].b.sum()
$.a[*].length()
$.l[*].length()
$.l[0].sum()
$.l.length()
$.p[*].v.length()
$.m.sum( )
$.zz.sum()
$.a[?(@.b > 1)].length()
$.a[?(@.b > 1)].b.sum()
$.o['b','c'].length()
$.m['length()']
$.m[0].length()
$.n[0,1].sum()
$.m[0:2].sum()
$.a.last()
$.sum()
$.a[?(@.b == $.k)]
$.a[?(@.b == $.o.b)]
$.a[?(@.b > $.k)]
$.a[?(@.b >= $.k)]
$.a[?($.k == @.b)]
$.a[?(@.c == $.s[2])]
$.a[?(@.c == $.t)]
$.a[?(@.zz == $.zz)]
$.a[?(@.b != $.k)]
$.a[?(@.b == @.b)]
$.a[?(@.b == @.c)]
$.a[?(@.c < @.b)]
$.a[?(2 == @.b)]
$.a[?('x' == @.c)]
$.a[?(!(@.b == 1))]
$.a[?((@.b == 1))]
$.a[?(@.b == 1 || @.b == 2 && @.c == 'x')]
$.a[?((@.b == 1 || @.b == 2) && @.c == 'x')]
$.a[?(@.b > 0 && (@.c == 'x' || @.d == true))]
$.a[?(@.c =~ /y.*/)]
$.a[?(@.c =~ /Y+/i)]
$.a[?(@.c =~ /y/)]
$.a[?(@.b =~ /1/)]
$.a[?(@.b == 1.0)]
$.a[?(@.b == '1')]
$.a[?(@.c == null)]
$.a[?(@.c != null)]
$.a[?(@.d == true)]
$.a[?(@.b < 'a')]
$.a[?(@['b'] == 1)]
$.a[?(@['b'] == $['k'])]
$.a[?(@.length() == 2)]
$.a[?(@.b.length() == 1)]
$.a[?(@.c.length() == 2)]
$.a[?($.n.length() == 5)]
$.a[?(@.b < $.n.length())]
$.a[?(@.b == $.m.min())]
$.a[?(@.b == 1 || @.b == 2 || @.b == 2.5)]
$.a[?(1 == 1)]
$.a[?(1 == 2)]
$.a[?(@.b === 1)]
$.a[?(@.b !== 1)]
$.a[?(@.b == 01)]
$.a[?(@.b == -1)]
$.a[?(@.b > -1)]
$.a[?(@.b == 1e0)]
$.a[?(@.b==1&&@.c=='x')]
$.a[?(@.c == "x")]
$.a[?(@.c == 'it\'s')]
$.a[?(@.c == @.c)]
$.p[?(@.v[0] == 1)]
$.p[?(@.v[0] == @.v[1])]
$.p[?(@.v[-1] == 4)]
$.p[?(@.v.length() > 2)]
$.p[?(@.v.sum() == 3)]
$.n[?(@ > $.k)]
$.n[?(@ < $.k)]
$.n[?(@ == 5)]
$.n[?(@ == '5')]
$.n[?(@ == null)]
$.n[?(@ != null)]
$.n[?(@ >= 5 && @ < $.n[2])]
$.n[?(@ == $.n[0])]
$.n[?(@ > '4')]
$.n[?(@ < 7 || @ == 10)]
$.n[?(@ =~ /5/)]
$.o[?(@.b == $.o.b)]
$.o[?(@.b < $.k)]
$.o[?(@.c =~ /z/)]
$..[?(@.b == $.k)]
$.a[?(@.b == $.k)].b
$.a[?(@.b >= $.k)].c
$.l[?(@[0] == 1)]
$.l[?(@.length() == $.k)]
$.zz[?(@.b == $.k)]
$.a[?(@.b == 1)][?(@.c == 'x')]
$[?(@.b == 3)]
$[?(@.o.b == 3)].k
$.a[?(@.b==1)].c.length()
$.a[ ? (@.b == 1)]
$.a[?(@.b == 1) ]
$.a[?(@.c == 'x' )].b
"""

SECOND_DOC = '{"neg": [-3, -1], "one": [7], "big": [12345678, 1e10, 0.1], "mix": ["a", 1, "b", null, [2]], "e": {"q": 1, "é😀": 2}, "u": "é😀", "str": ["5", 5, "5.0", 5.0, "x5", "é😀", true, false, null], "f": 5.0, "tr": true, "q\\"t": 1, "tiny": [1e-7, 2e-7], "x": {"y": [1, 2]}, "dup": {"a": 1, "a": 2}, "esc": ["\\u0041b", "a\\nb"]}'
SECOND = r"""
$.neg.max()
$.one.last()
$.one.first()
$.one.index(-1)
$.neg.index(-2)
$.neg.index( 1 )
$.big.sum()
$.big.min()
$.big.avg()
$.big.stddev()
$.tiny.sum()
$.tiny.min()
$.mix.sum()
$.mix.concat()
$.mix.last()
$.mix.first()
$.mix.length()
$.one.concat()
$.u.concat()
$.e.keys()
$.e.concat()
$.e.first()
$.u.first()
$.tr.length()
$.one.stddev()
$.esc.concat()
$.esc.first()
$.dup.length()
$.dup.keys()
$.dup['a','b']
$['q"t','f']
$["q\"t","f"]
$['é','u']
$.e['é😀','q']
$.x.y.sum()
$['x'].y.sum()
$['x']['y'].sum()
$.x['y'].length()
$.x.*.length()
$.x.y[*].length()
$.x.y[0,1].length()
$.x.y[5].length()
$.x.y[0].x.length()
$.str[?(@ == 5)]
$.str[?(5 == @)]
$.str[?(@ == '5')]
$.str[?('5' == @)]
$.str[?(@ == 5.0)]
$.str[?(@ == '5.0')]
$.str[?(@ == $.f)]
$.str[?($.f == @)]
$.str[?(@ === 5)]
$.str[?(@ === '5')]
$.str[?(@ !== 5)]
$.str[?(@ == true)]
$.str[?(@ != true)]
$.str[?(@ == $.tr)]
$.str[?(@ === true)]
$.str[?(@ == false)]
$.str[?(@ < 'x')]
$.str[?(@ > 4)]
$.str[?(4 < @)]
$.str[?(@ >= '5')]
$.str[?(@ =~ /5/)]
$.str[?(@ =~ /5.*/)]
$.str[?(@ =~ /.*5/)]
$.str[?(@ =~ /X5/i)]
$.str[?(@ =~ /t.*/)]
$.str[?(@ =~ /null/)]
$.str[?(@ =~ /é./)]
$.str[?(!(@ == 5) && !(@ == true))]
$.str[?(!(@ =~ /5/))]
$.str[?(@ == 'é😀')]
$.str[?(@ == "é😀")]
$.str[?(@ == 5 || @ == null)]
$.str[?((@ == 5) || (@ == null))]
$.str[?(((@ == 5)))]
$.str[?( ! (@ == 5))]
$.str[?(@==5&&@!='5')]
$.str[?(@ == 5 && @ != '5' || @ == null)]
$.str[?(@ == null || @ == 5 && @ == 'x')]
$.str[?(@ =~ /a\/b/)]
$.str[?($.u == 'é😀')]
$.str[?($.u != 'é😀')]
$.str[?(@ == @.x)]
$.x[?(@.y.sum() == 3)]
$.x[?(@.y.length() == 2)]
$.x[?(@.y.first() == 1)]
$.x[?(@.y.last() > 1)]
$.x[?(@.z.sum() == 3)]
$.x[?(@.z.length() == 3)]
$.x[?(@.y.length() == $.x.y[1])]
$.x[?(@.length() == 1)]
$.x[?(@.y.size() == 2.0)]
$.x[?(@.y.avg() == 1.5)]
$.x[?(@.y.keys() == 1)]
$.e[?(@.q == 1)].length()
$.e[?(@.q == 1)].keys()
$..['y']
$..['q','é😀']
$.*.length()
$[*].length()
$.x.y[-1:].length()
$.str[?(@ == -5)]
$.str[?(@ == 5.)]
$.str[?(@ == .5)]
$.str[?(@ == 5e0)]
$.str[?(@ == 50e-1)]
$.str[?(@ == 'x' && (@ == 'y' || @ == 'x5') || @ == 'x5')]
$.str[?(@.x == $.nope)]
$.length()
$.x.length
$.x.length( )
"""


def short():
    text, heads = sys.stdin.read(), ''
    for name, doc in (('JSON_FIRST', FIRST_DOC), ('JSON_SECOND', SECOND_DOC)):
        doc = doc.replace("'", "''").replace('\\', '\\\\').replace('"', '\\"')
        heads += '#define %s "%s"\n' % (name, doc)
        text = text.replace("('" + doc + "', ", "('\" %s \"', " % name)
    at = text.index('*/\n') + 3
    print(text[:at] + heads + text[at:] + '#undef JSON_FIRST\n#undef JSON_SECOND')


def main():
    if '--short' in sys.argv:
        return short()
    for doc, paths in ((FIRST_DOC, FIRST), (SECOND_DOC, SECOND)):
        doc = "'" + doc.replace("'", "''") + "'"
        for path in dict.fromkeys(paths.strip().split('\n')):
            path = path.replace("'", "''")
            for mode in ('lax ', 'strict '):
                print("JSON_QUERY(%s, '%s%s' EMPTY ARRAY ON EMPTY EMPTY OBJECT ON ERROR)" % (doc, mode, path))
                print("JSON_EXISTS(%s, '%s%s' UNKNOWN ON ERROR)" % (doc, mode, path))
            print("JSON_QUERY(%s, 'lax %s' WITH WRAPPER EMPTY ARRAY ON EMPTY EMPTY OBJECT ON ERROR)" % (doc, path))
            print("JSON_VALUE(%s, '%s' DEFAULT 'em' ON EMPTY DEFAULT 'er' ON ERROR)" % (doc, path))


main()
