// SPDX-License-Identifier: MIT
// tests/chaos/streams.mjs - reads what one connection heard of one room against
// the room's order.
//
// A stream is right if it is one unbroken piece of that order, each message once.
// Beside it there may be copies: who says a message again gets the first one once
// more, at any place.

// What was heard: objects {m, seq}, seq the place in the room. `copies` says how
// many more of each m may come. Returns {first, last, problems}: the piece that
// was heard (first > last if nothing was), and {rule, m, seq, wanted} for each
// departure from it. `from` is where it must begin, if that is known; where it
// can be read in several ways, one that begins behind `mark` is right.
export function readStream(heard, copies, from = null, mark = 0) {
	if (heard.length === 0)
		return { first: from ?? 1, last: (from ?? 1) - 1, problems: [] };
	const wrongs = ({ first, problems }) => 2 * problems.length + (first <= mark ? 1 : 0);
	let best = null;
	for (const start of from !== null ? [from] : starts(heard, copies)) {
		const read = readFrom(start, heard, copies);
		if (!best || wrongs(read) < wrongs(best))
			best = read;
		if (wrongs(best) === 0)
			break;
	}
	return best;
}

// Nothing came but answers to what was said again: the stream has not begun.
export function areOnlyCopies(heard, copies) {
	const left = new Map(copies);
	return heard.every(({ m }) => {
		left.set(m, (left.get(m) ?? 0) - 1);
		return left.get(m) >= 0;
	});
}

// Where it may begin: at the first message, or later if those before are copies.
function* starts(heard, copies) {
	for (const { m, seq } of heard) {
		yield seq;
		if (!(copies.get(m) > 0))
			return;
	}
}

function readFrom(start, heard, copies) {
	const left = new Map(copies), places = new Set(), problems = [];
	const later = new Map(); // seq → how often it is still to come
	for (const { seq } of heard)
		later.set(seq, (later.get(seq) ?? 0) + 1);
	let wanted = start;
	for (const { m, seq } of heard) {
		later.set(seq, later.get(seq) - 1);
		if (seq !== wanted && left.get(m) > 0) {
			left.set(m, left.get(m) - 1);
			continue;
		}
		const rule = judge(seq, wanted, places, later);
		if (rule)
			problems.push({ rule, m, seq, wanted });
		places.add(seq);
		if (seq >= wanted)
			wanted = seq + 1;
	}
	return { first: start, last: wanted - 1, problems };
}

function judge(seq, wanted, places, later) {
	if (seq === wanted)
		return null;
	if (places.has(seq))
		return "twice";
	if (seq < wanted)
		return "order";
	for (let skipped = wanted; skipped < seq; skipped++)
		if (!(later.get(skipped) > 0))
			return "hole";
	return "order";
}
