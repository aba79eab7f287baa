// SPDX-License-Identifier: MIT
// tests/chaos/outages.mjs - how long senders wait: from the first try to say
// something to the next acknowledgement, whatever was refused in between.

export class Outages {
	#whos = new Map(); // c → who
	#waiting = new Map(); // who → since when
	#authors = new Map(); // m → who
	periods = []; // {who, from, to}
	faults = [];

	take({ e, t, until, c, who, m, own, kind, names }) {
		if (e === "open")
			this.#whos.set(c, who);
		else if (e === "say")
			this.#said(this.#whos.get(c), m, t);
		else if (e === "ack" || (e === "got" && m !== null &&
		         this.#authors.get(m) === this.#whos.get(c)))
			this.#acknowledged(this.#whos.get(c), t);
		else if (e === "close" && own)
			this.#waiting.delete(this.#whos.get(c));
		else if (e === "fault")
			this.faults.push({ kind, names, from: t, to: until });
	}

	#said(who, m, t) {
		this.#authors.set(m, who);
		if (!this.#waiting.has(who))
			this.#waiting.set(who, t);
	}

	#acknowledged(who, t) {
		const from = this.#waiting.get(who);
		if (from === undefined)
			return;
		this.periods.push({ who, from, to: t });
		this.#waiting.delete(who);
	}

	// {name → {count, median, most}}, in ms: of each sender its longest wait that
	// touches such a fault. `nameOf` says under what name a fault is counted.
	byFault(nameOf) {
		const waits = new Map(), counts = new Map();
		for (const fault of this.faults) {
			const name = nameOf(fault);
			counts.set(name, (counts.get(name) ?? 0) + 1);
			waits.set(name, [...waits.get(name) ?? [], ...this.#during(fault)]);
		}
		return new Map([...counts].map(([name, count]) =>
			[name, { count, ...middle(waits.get(name)) }]));
	}

	#during({ from, to }) {
		const longest = new Map();
		for (const period of this.periods)
			if (period.to >= from && period.from <= to)
				longest.set(period.who, Math.max(longest.get(period.who) ?? 0,
					period.to - period.from));
		return longest.values();
	}

	all() {
		return middle(this.periods.map(({ from, to }) => to - from));
	}
}

function middle(values) {
	const sorted = [...values].sort((a, b) => a - b);
	return {
		median: Math.round(sorted[sorted.length >> 1] ?? 0),
		most: Math.round(sorted.at(-1) ?? 0),
	};
}
