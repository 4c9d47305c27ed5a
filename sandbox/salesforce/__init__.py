"""The Salesforce side of the sandbox: an org on loopback that refuses what an org refuses."""
