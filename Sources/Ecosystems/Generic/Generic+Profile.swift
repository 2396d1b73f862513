public import Core

extension Generic {
    public var profile: Profile {
        Profile(
            clients: ["curl 7.88", "wget 1.21"],
            claims: "purser.lock of an earlier run; deno.lock",
            facts: "none",
            limits: [
                "Without a digest known beforehand a file is unclaimed."
            ]
        )
    }
}
