internal import Attestation
internal import Core
internal import Kernel

/// Where the signing key comes from, and what is done so that the build cannot have it.
enum Keys {
    static func signing(_ plan: Plan) throws(Problem) -> SigningKey? {
        if let name = plan.options.text("signing-key") {
            if name == "none" { return nil }
            var bytes: [UInt8]
            do throws(SystemError) { bytes = try read(name, plan) } catch {
                throw plan.options.invalid(
                    "signing-key",
                    "could not be read (\(error))",
                    "Check the file's name and permissions."
                )
            }
            return try SigningKey(wiping: &bytes, named: "the signing key")
        }
        guard let pem = plan.environment["PURSER_SIGNING_KEY"], !pem.isEmpty else { return nil }
        return try SigningKey(pem: pem, named: "PURSER_SIGNING_KEY")
    }

    private static func read(_ name: String, _ plan: Plan) throws(SystemError) -> [UInt8] {
        guard name.hasPrefix("fd:") else { return try Files.readAll(plan.path(name), limit: 64 << 10) }
        guard let descriptor = Int32(name.dropFirst(3)), descriptor > 2 else {
            throw SystemError(call: "open", errno: 9, path: name)
        }
        return try Files.readAll("/proc/self/fd/\(descriptor)", limit: 64 << 10)
    }

    /// Nobody of this user may read our memory, and our own environment block holds no secrets any more.
    static func wipeOwnEnvironment() {
        try? ProcessIdentity.setUndumpable()
        for name in ClientSetup.secretVariables { _ = try? ProcessIdentity.overwriteEnvironmentValue(name) }
    }
}
