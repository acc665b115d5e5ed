// A shop would mail the code. This one keeps it where the tests can read it.
const { appendFileSync } = require("node:fs")

module.exports.default = async ({ event: { data } }) => {
  appendFileSync(process.env.CODES_FILE, `${JSON.stringify({ to: data.entity_id, code: data.code })}\n`)
}
module.exports.config = { event: "auth.verification_requested" }
