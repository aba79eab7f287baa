// SPDX-License-Identifier: MIT
// tests/chaos/random.mjs - chance that can be had again: numbers that follow from
// a seed alone. Each part of a run takes a stream of its own, so that what one
// part draws changes nothing for the others.

export class Random {
	#state;

	constructor(...seed) {
		let hash = 2166136261; // FNV-1a, 32 bits
		for (const char of seed.join("/"))
			hash = Math.imul(hash ^ char.codePointAt(0), 16777619);
		this.#state = hash >>> 0;
	}

	// 0 <= x < 1 (mulberry32)
	next() {
		this.#state = (this.#state + 0x6d2b79f5) >>> 0;
		let x = this.#state;
		x = Math.imul(x ^ (x >>> 15), x | 1);
		x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
		return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
	}

	// A whole number, both ends included.
	between(least, most) {
		return least + Math.floor(this.next() * (most - least + 1));
	}

	// A waiting time with this mean, at most eight times as long.
	pause(mean) {
		return Math.min(8, -Math.log(1 - this.next())) * mean;
	}

	chance(of) {
		return this.next() < of;
	}

	pick(list) {
		return list[this.between(0, list.length - 1)];
	}

	// `rows` are [weight, value].
	weighted(rows) {
		let left = this.next() * rows.reduce((sum, [weight]) => sum + weight, 0);
		return rows.find(([weight]) => (left -= weight) < 0)?.[1] ?? rows.at(-1)[1];
	}

	some(list, count) {
		const rest = [...list];
		return Array.from({ length: count }, () =>
			rest.splice(this.between(0, rest.length - 1), 1)[0]);
	}
}
