import { tellIn } from "./stories.mjs"

tellIn("phone")
