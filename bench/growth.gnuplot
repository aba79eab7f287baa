# SPDX-License-Identifier: MIT
# bench/growth.gnuplot - what a delivery costs, and what is held, as there are more
# of something: `data`, `picture`, and the `label` below are given.
set terminal svg size 800,360 font "sans-serif,13" background "#ffffff"
set output picture
set datafile separator "\t"
set multiplot layout 1,2
set logscale x
set format x "%.0f"
set xlabel label
set grid
unset key
set yrange [0:]
set title "CPU of a delivery, µs"
plot data using 1:2 with linespoints linewidth 2 pointtype 7 pointsize 0.5
set logscale y
set yrange [*:*]
set title "memory of all daemons, bytes a connection"
plot data using 1:3 with linespoints linewidth 2 pointtype 7 pointsize 0.5
unset multiplot
