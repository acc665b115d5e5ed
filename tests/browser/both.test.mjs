import { tellIn } from "./stories.mjs"

tellIn("both")
