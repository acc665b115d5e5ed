// Medusa 2.21 as it is, with its own hasher; its two newer features, verification and a second factor, are on.
const { defineConfig } = require("@medusajs/framework/utils")

module.exports = defineConfig({
  admin: { disable: true },
  projectConfig: {
    databaseUrl: process.env.DATABASE_URL,
    databaseDriverOptions: { ssl: false, sslmode: "disable" },
    http: {
      storeCors: "*",
      adminCors: "*",
      authCors: "*",
      jwtSecret: "for-tests-only",
      cookieSecret: "for-tests-only",
      authVerificationsPerActor: { customer: [{ auth_provider: "emailpass", entity_type: "email" }] },
    },
  },
  modules: [
    {
      resolve: "@medusajs/medusa/auth",
      options: {
        mfa: { encryption_key: "for-tests-only-for-tests-only-32" },
        providers: [{ resolve: "@medusajs/medusa/auth-emailpass", id: "emailpass" }],
      },
    },
  ],
})
