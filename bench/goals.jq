# SPDX-License-Identifier: MIT
# bench/goals.jq - what parley is to reach, and what came of it. In: the figures of
# all tests, {TEST: {LABEL: figures}}. Out: [{id, goal, figure, met}]; `met` is null
# where something was not measured. bench/reasons.md has a section for those `id`
# that were missed.

def round(digits): . * pow(10; digits) | round / pow(10; digits);
def percent: . * 100 | round(1) | "\(.) %";
def ms: . / 1000 | round(2) | "\(.) ms";
def times: round(2) | "\(.) times";

def ratio($a; $b): if $a == null or $b == null or $b == 0 then null else $a / $b end;
def cpu: .cost.cpu_us_per_delivery;
def is_clean: .faults | .complete and
	.missing + .repeated + .strayed + .refused + .dropped + .failed == 0;

# `$value` null: not measured. `figure` and `met` are asked of the value.
def goal($id; $goal; $value; figure; met): {
	id: $id, goal: $goal,
	figure: (if $value == null then "not measured" else $value | figure end),
	met: (if $value == null then null else $value | met end)
};

# Of those peers that took part, who has most, or least, of something.
def peers: to_entries | map(select(.key != "parley" and .key != "floor"));
def best($test; what): $test // {} | peers | map(select(.value | what != null))
	| max_by(.value | what);
def least($test; what): $test // {} | peers | map(select(.value | what != null))
	| min_by(.value | what);

# Against all that are not uWebSockets, which may be faster: it writes nothing.
def without_uwebsockets: if . == null then null else del(.uwebsockets) end;
def against_unsynced($id; $goal; $test):
	best($test | without_uwebsockets; .posts_per_s) as $other |
	goal($id; $goal; ratio($test.parley.posts_per_s; $other.value.posts_per_s);
		"\(times) of \($other.key)"; . > 1);

# How much more a unit costs at a step than at the one before, at most. Of memory
# it is what each further one takes that counts: the first ones share what is there
# already. A step that takes less than a megabyte says nothing: so much comes and
# goes with a few connections.
def steepest: [range(1; length) as $i | .[$i] / .[$i - 1]] | max;
def slopes: [{ x: 0, y: 0 }] + . |
	[range(1; length) as $i | select(.[$i].y - .[$i - 1].y > 1048576) |
		[(.[$i].y - .[$i - 1].y) / (.[$i].x - .[$i - 1].x), 1] | max];
def steps($test): ($test // {}) | to_entries | sort_by(.key | tonumber) | map(.value);
def growth($id; $goal; $test):
	steps($test) as $steps |
	(if $steps | length < 2 then null else {
		cpu: ($steps | map(cpu) | steepest),
		memory: ($steps | map({ x: .plan.connections,
			y: (.plan.connections * .cost.bytes_per_connection) })
			| slopes | steepest)
	} end) as $value |
	goal($id; $goal; $value; "from one step to the next: CPU \(.cpu | times), memory \(.memory | times)";
		.cpu <= 1.25 and .memory <= 1.25);

# CPU of the store for a post among many, to that in an empty database.
def store: ratio(.cost.processes.store.cpu_us; .posts_per_s * .measured_s);
def dearer($test; $ids):
	if $test["full" + $ids] and $test["empty" + $ids] then
		ratio($test["full" + $ids] | store; $test["empty" + $ids] | store)
	else null end;

. as $all | [
	goal("floor"; "Room of 1,000 at 25 posts/s: CPU a delivery at most 1.15 times that of the bare floor with as many messages in a send";
		ratio($all.big_room.parley | cpu; $all.big_room.floor | cpu); times; . <= 1.15),
	goal("floor-busy"; "The same at 80 % of the most deliveries";
		ratio($all.big_room_busy.parley | cpu; $all.big_room_busy.floor | cpu);
		times; . <= 1.15),
	(least($all.big_room; cpu) as $peer |
		goal("peers"; "Room of 1,000: less CPU a delivery than every peer at the same load";
			ratio($all.big_room.parley | cpu; $peer.value | cpu);
			"\(times) of \($peer.key)"; . < 1)),
	goal("most"; "Room of 1,000: as many deliveries a second as uWebSockets";
		ratio($all.big_room_most.parley.deliveries_per_s;
			$all.big_room_most.uwebsockets.deliveries_per_s); times; . >= 1),
	goal("busy"; "Nothing lost, nothing twice, and p99 under 250 ms at 80 % of that";
		$all.big_room_busy.parley; "\(if is_clean then "no fault" else "faults" end), p99 \(.delivery.p99_us | ms)";
		is_clean and .delivery.p99_us < 250000),
	against_unsynced("rooms-most"; "Rooms of 10: more posts a second, synced, than all but uWebSockets pass on unsynced";
		$all.rooms_most),
	against_unsynced("pairs-most"; "Pairs: the same"; $all.pairs_most),
	goal("rooms-cpu"; "Rooms of 10: CPU a delivery at most 2 times that of uWebSockets at the same load";
		ratio($all.rooms.parley | cpu; $all.rooms.uwebsockets | cpu); times; . <= 2),
	goal("pairs-cpu"; "Pairs: the same, at most 4 times";
		ratio($all.pairs.parley | cpu; $all.pairs.uwebsockets | cpu); times; . <= 4),
	goal("latency-median"; "Low load: the median delivery within 1 ms beyond a sync of the disk";
		(if $all.latency.parley and $all.latency.disk then
			$all.latency.parley.delivery.p50_us - $all.latency.disk.p50_us
		else null end); "\(ms) beyond it"; . <= 1000),
	goal("latency-p99"; "Low load: 99 % of deliveries within 5 ms";
		$all.latency.parley.delivery.p99_us;
		"\(ms); of the syncs alone \(($all.latency.disk.p99_us // 0) | ms)"; . <= 5000),
	goal("idle-memory"; "Idle connections: at most 1 KiB each, of all daemons together";
		$all.idle.parley.cost.bytes_per_connection; "\(round) bytes"; . <= 1024),
	goal("idle-cpu"; "10,000 idle connections: under 1 % of a core";
		ratio($all.idle.parley.cost.cpu_us; ($all.idle.parley.measured_s // 0) * 1e6);
		percent; . < 0.01),
	goal("million"; "1,000,000 connections on one machine of 24 GiB, the clients with them, and a message to any of them within 1 s";
		$all.million.parley; "\(.plan.connections) connections, \(if is_clean then "no fault" else "faults" end), p99 \(.delivery.p99_us | ms)";
		.plan.connections >= 1000000 and is_clean and .delivery.p99_us < 1000000),
	goal("storm"; "10,000 clients come back at once: all current within 5 s";
		$all.storm.parley; "\(.current.count) in \(.returned_s | round(2)) s";
		.current.count >= 10000 and .returned_s <= 5),
	goal("history"; "The last 50 of a room among 10 million messages in under 1 ms (here: the whole answer, in the median)";
		$all.history.full; "\(.answer.p50_us | ms); \(ratio(.cost.processes.store.cpu_us / 1000; .answers_per_s * .measured_s) // 0 | round(3)) ms of CPU in the store";
		.answer.p50_us < 1000),
	goal("post"; "A post among 10 million messages costs the store at most 1.2 times as much as in an empty database, with ids of version 7";
		dearer($all.post; "-v7");
		"\(times) at 2,000 posts/s, \(dearer($all.post; "-v7-most") // 0 | times) at the most"; . <= 1.2),
	growth("growth-connections"; "Costs grow with connections, and no faster"; $all.growth_connections),
	growth("growth-members"; "The same with members of a room"; $all.growth_members),
	growth("growth-rooms"; "The same with rooms"; $all.growth_rooms)
]
