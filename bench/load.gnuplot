# SPDX-License-Identifier: MIT
# bench/load.gnuplot - the 99th percentile of deliveries against the posts a second:
# `data` in so many `columns`, and `picture`, are given.
set terminal svg size 800,420 font "sans-serif,13" background "#ffffff"
set output picture
set datafile separator "\t"
set datafile missing "NaN"
set key left top
set logscale xy
set xtics (1000, 2000, 4000, 8000, 16000)
set xlabel "posts a second, in rooms of 10"
set ylabel "99 % of deliveries within, ms"
set grid
plot for [i = 2:columns] data using 1:i with linespoints linewidth 2 pointtype 7 pointsize 0.5 title columnheader(i)
