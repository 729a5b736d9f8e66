// Says what in messages not every mail program supports. Its argument is the
// folder of the package @jsx-email/doiuse-email; it reads {kind: html} and
// writes {kind: [finding, …]}.
const { readFileSync } = require("node:fs")
const { doIUseEmail } = require(process.argv[2])

const found = {}
for (const [kind, html] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) {
  const { errors = [], warnings } = doIUseEmail(html, { emailClients: ["*"] })
  found[kind] = [...new Set([...errors, ...warnings])]
}
process.stdout.write(JSON.stringify(found))
