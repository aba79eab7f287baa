#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What watches a suite: its metrics as Prometheus checks them, the alerts and the
# dashboard that are made of them.
#
# Plain builds only: what it drives are the tools of Prometheus.

load helper

setup()
{
	SCRAPE=$BATS_FILE_TMPDIR/scrape
}

# One busy suite for all that only looks at its metrics.
setup_file()
{
	export BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
	suite_start PARLEY_RATE=off PARLEY_GATEWAYS=2
	people alice bob
	room den alice bob
	online alice bob
	post alice den one two three
	expect bob '{"type": "NewMessage", "message": {"content": "three"}}'
	register carol
	rest GET "/api/rooms/${ROOM[den]}/messages" alice
	eventually 10 is_metric 7 parley_up
	curl -fsS "$URL/metrics" >"$BATS_FILE_TMPDIR/scrape"
}

teardown_file()
{
	BATS_TEST_COMPLETED=1 suite_stop
}

# names FILE: the metrics that are spoken of there.
names()
{
	grep -oE 'parley_[a-z0-9_]+' "$1" | sort -u
}

# are_there FILE: every metric that it names was told, by its own name.
are_there()
{
	local name missing=()
	for name in $(names "$1"); do
		grep -q "^$name{" "$SCRAPE" || missing+=("$name")
	done
	echo "not told: ${missing[*]}"
	((${#missing[@]} == 0))
}

@test "Prometheus' own check finds nothing wrong with the metrics" {
	run promtool check metrics <"$SCRAPE"
	assert_success
	refute_output
}

@test "a metric stands there once, with all its samples, each with its daemon" {
	awk '/^# TYPE/ && seen[$3]++ { print "twice: " $3; bad = 1 }
		/^# TYPE/ { type = $3 }
		/^[^#]/ && index($1, type) != 1 { print "astray: " $0; bad = 1 }
		/^[^#]/ && !/daemon="/ { print "whose: " $0; bad = 1 }
		END { exit bad }' "$SCRAPE"
	[ "$(grep '^[^#]' "$SCRAPE" | sed 's/ [^ ]*$//' | sort | uniq -d)" = "" ]
}

@test "every metric of the page is told, and no other" {
	diff <(sed -nE 's/^\| .(parley_[a-z_]+). .*/\1/p' "$ROOT/docs/metrics.md" | sort) \
		<(awk '/^# TYPE/ { print $3 }' "$SCRAPE" | sort)
}

@test "the alerts and the settings are such as Prometheus takes" {
	run promtool check config "$ROOT/deploy/prometheus/prometheus.yaml"
	assert_success
	run promtool check rules "$ROOT/deploy/prometheus/alerts.yaml"
	assert_success
}

@test "each alert fires when it should, and is quiet until then" {
	local folder=$BATS_TEST_TMPDIR
	cp "$ROOT/deploy/prometheus/alerts.yaml" "$ROOT/tests/data/alerts_test.yaml" "$folder"
	run promtool test rules "$folder/alerts_test.yaml"
	assert_success
	diff <(sed -n 's/^ *- alert: //p' "$folder/alerts.yaml" | sort) \
		<(sed -n 's/^ *- name: //p' "$folder/alerts_test.yaml" | sort)
}

@test "every metric that the alerts ask for is told by a suite" {
	are_there "$ROOT/deploy/prometheus/alerts.yaml"
}

@test "every metric that the dashboard asks for is told by a suite" {
	jq -r '.panels[].targets[]?.expr' "$ROOT/deploy/grafana/parley.json" \
		>"$BATS_TEST_TMPDIR/expressions"
	(($(names "$BATS_TEST_TMPDIR/expressions" | wc -l) > 30))
	are_there "$BATS_TEST_TMPDIR/expressions"
}

@test "every expression of the dashboard is one that Prometheus can read" {
	{
		echo 'groups: [{ name: all, rules: ['
		jq -r '.panels[].targets[]?.expr | gsub("\\$__rate_interval"; "5m")
			| {record: "x:y", expr: .} | tojson + ","' "$ROOT/deploy/grafana/parley.json"
		echo ']}]'
	} | awk '{ if (NR > 1) print line; line = $0 } END { print line }' \
		>"$BATS_TEST_TMPDIR/rules.yaml"
	run promtool check rules --lint=none "$BATS_TEST_TMPDIR/rules.yaml"
	assert_success
	assert_output --partial 'rules found'
}

@test "the panels of the dashboard do not overlap, and each has a number of its own" {
	jq -e '[.panels[].id] | length == (unique | length)' "$ROOT/deploy/grafana/parley.json"
	jq -e '[.panels[] | .gridPos as $p | range($p.x; $p.x + $p.w) as $x
		| range($p.y; $p.y + $p.h) | "\($x) \(.)"] | length == (unique | length)' \
		"$ROOT/deploy/grafana/parley.json"
}
