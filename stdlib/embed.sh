#!/usr/bin/env bash
# Lists the files of stdlib/ in Sources/CStdlib/CStdlib.c, which embeds them in the binary.
# Run it when a file is added, renamed or removed; an edit needs nothing.
set -eu
export LC_ALL=C
cd "$(dirname "$0")"
files=$(find . -name '*.jx' | sed 's|^\./||' | sort)
name() { echo "file_$1" | sed 's|[^A-Za-z0-9_]|_|g'; }
{
  echo '/* Written by stdlib/embed.sh: the files of stdlib/, sorted by path. */'
  echo '#include "CStdlib.h"'
  echo '#pragma clang diagnostic ignored "-Wc23-extensions"'
  for file in $files; do
    echo
    echo "static const char $(name "$file")[] = {"
    echo "#embed \"../../stdlib/$file\" suffix(, )"
    echo "0};"
  done
  echo
  echo 'const JXStdlibFile jxStdlibFiles[] = {'
  for file in $files; do
    echo "  {\"$file\", $(name "$file"), sizeof $(name "$file") - 1},"
  done
  echo '};'
  echo
  echo 'const size_t jxStdlibFileCount = sizeof jxStdlibFiles / sizeof *jxStdlibFiles;'
} > embed.tmp
table=../Sources/CStdlib/CStdlib.c
if cmp -s embed.tmp $table; then rm embed.tmp; else mv embed.tmp $table; fi
