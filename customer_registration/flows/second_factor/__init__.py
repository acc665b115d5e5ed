"""What a person shows beside their first proof: an authenticator app, a code to a contact, a recovery code."""
