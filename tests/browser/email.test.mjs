import { tellIn } from "./stories.mjs"

tellIn("email")
