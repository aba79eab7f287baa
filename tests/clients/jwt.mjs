// SPDX-License-Identifier: MIT
// tests/clients/jwt.mjs - signs the JSON Web Tokens of an embedding application
// (HS256, RFC 7519), and on purpose also wrong ones.
//
// As a program: node jwt.mjs SECRET '{"sub": …}' [ALGORITHM] prints one.
import { createHmac } from "node:crypto";
import { fileURLToPath } from "node:url";

const part = (value) =>
	Buffer.from(JSON.stringify(value)).toString("base64url");

const hashes = { HS256: "sha256", HS384: "sha384", HS512: "sha512" };

// `exp` is an hour from now unless the claims say otherwise; null leaves it out.
export function sign(secret, claims, algorithm = "HS256") {
	const exp = Math.floor(Date.now() / 1000) + 3600;
	const body = { exp, ...claims };
	if (body.exp === null)
		delete body.exp;
	const text = `${part({ alg: algorithm, typ: "JWT" })}.${part(body)}`;
	if (algorithm === "none")
		return `${text}.`;
	const mac = createHmac(hashes[algorithm], secret).update(text);
	return `${text}.${mac.digest("base64url")}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const [secret, claims, algorithm] = process.argv.slice(2);
	console.log(sign(secret, JSON.parse(claims), algorithm));
}
