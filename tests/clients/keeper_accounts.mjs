// SPDX-License-Identifier: MIT
// tests/clients/keeper_accounts.mjs - somebody who makes accounts, logs in and
// out: what was answered stays so.

export class Accounts {
	users = new Map(); // name → the account
	sessions = new Map(); // token → whether it is over
	rounds = 0;

	constructor(means) {
		Object.assign(this, means);
	}

	async round() {
		const n = ++this.rounds, username = `account-${n}`;
		const form = { username, password: "correct horse" };
		await this.#register(form);
		const token = await this.#login(form);
		if (n % 2 === 0)
			await this.#logout(token);
	}

	// A try that had no answer may have made it.
	async #register(form) {
		const { status, body } = await this.insist(async () => this.unless503(
			await this.ask(null, "POST", "/auth/register", form), 201, 409));
		if (status === 201)
			this.users.set(form.username, body);
	}

	async #login(form) {
		const { body } = await this.insist(async () => this.unless503(
			await this.ask(null, "POST", "/auth/login", form), 200));
		this.users.set(form.username, body.user);
		this.sessions.set(body.session_token, false);
		return body.session_token;
	}

	async #logout(token) {
		await this.insist(async () => this.unless503(
			await this.ask(token, "POST", "/auth/logout"), 204, 401));
		this.sessions.set(token, true);
	}

	async check() {
		const numbers = new Set([...this.users.values()].map(({ id }) => id));
		if (numbers.size !== this.users.size)
			throw new Error("two accounts have one number");
		for (const [token, isOver] of this.sessions) {
			const { status } = await this.insist(async () => this.unless503(
				await this.ask(token, "GET", "/auth/me"), 200, 401));
			if (status !== (isOver ? 401 : 200))
				throw new Error(`a session that is ${isOver ? "over" : "open"} gives ${status}`);
		}
		const [token] = [...this.sessions].find(([, isOver]) => !isOver);
		for (const [name, user] of this.users)
			await this.#checkUser(token, name, user);
	}

	async #checkUser(token, name, user) {
		const { body } = await this.insist(async () => this.unless503(
			await this.ask(token, "GET", `/api/users?username=${name}`), 200, 404));
		if (body.user_id !== user.user_id || body.id !== user.id)
			throw new Error(`${JSON.stringify(user)} is ${JSON.stringify(body)}`);
	}
}
