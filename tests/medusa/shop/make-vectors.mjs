// Writes records of the real scrypt-kdf, Medusa's hasher: node make-vectors.mjs > ../vectors.json
// With records on standard input, one `{password, record}` a line, says of each whether scrypt-kdf knows it.
import { readFileSync } from "node:fs"
import Scrypt from "scrypt-kdf"

const DEFAULT = { logN: 15, r: 8, p: 1 }
const WANTED = [
  ["correct horse battery", DEFAULT],
  ["  leading and trailing  ", DEFAULT],
  ["пароль ☕ 😀 pässwörd", DEFAULT],
  ["pa\u0308sswo\u0308rd", DEFAULT],
  ["half a pair: \ud83d", DEFAULT],
  ["nul \u0000 and tab\t\n", DEFAULT],
  ["x".repeat(1000), DEFAULT],
  ["weaker", { logN: 10, r: 8, p: 1 }],
  ["wider", { logN: 12, r: 16, p: 1 }],
  ["again and again", { logN: 12, r: 8, p: 3 }],
  ["stronger", { logN: 17, r: 8, p: 1 }],
]

if (process.argv[2] === "verify") {
  const asked = readFileSync(0, "utf8").trim().split("\n").map((line) => JSON.parse(line))
  for (const { password, record } of asked) {
    console.log(await Scrypt.verify(Buffer.from(record, "base64"), password))
  }
} else {
  const made = []
  for (const [password, params] of WANTED) {
    made.push({ password, params, record: Buffer.from(await Scrypt.kdf(password, params)).toString("base64") })
  }
  console.log(JSON.stringify(made, null, 1))
}
