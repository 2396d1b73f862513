internal import Kernel

/// The certificates that programs inside a seal find where they look without being told.
struct SealedTrust {
    /// Where distributions keep all certificates in one file.
    private static let bundles = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
        "/etc/ssl/ca-bundle.pem", "/etc/pki/tls/cert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    ]
    /// Where OpenSSL looks a certificate up by its name, one file each.
    private static let folder = "/etc/ssl/certs"
    private static let bundle = "ca-certificates.crt"
    /// What `update-ca-certificates` makes the others of, with those in `/usr/share`.
    private static let source = "/usr/local/share/ca-certificates"

    /// The covered folder.
    private let covered: String?

    /// Covers the folder of many certificates, which takes a while; ours comes in when there is a session.
    init() throws(SystemError) {
        guard let folder = try? Files.realpath(SealedTrust.folder), Files.isFolder(folder) else {
            covered = nil
            return
        }
        covered = folder
        try SealedTrust.repeated(folder, without: SealedTrust.bundle)
    }

    func apply(_ orders: SealOrders, _ authority: [UInt8]) throws(SystemError) {
        var places: Set<String> = []
        if let covered {
            try add(orders, authority, covered)
            places.insert(covered)
        }
        for bundle in SealedTrust.bundles {
            guard let place = try? Files.realpath(bundle), let slash = place.lastIndex(of: "/"),
                !places.contains(String(place[..<slash])), places.insert(place).inserted
            else { continue }
            try Mounts.bind(orders.bundle, over: place)
        }
        guard let source = try? Files.realpath(SealedTrust.source), Files.isFolder(source) else { return }
        try SealedTrust.repeated(source, without: "")
        try SealedTrust.write(authority, "\(source)/purser-session.crt")
    }

    private func add(_ orders: SealOrders, _ authority: [UInt8], _ folder: String) throws(SystemError) {
        try SealedTrust.write(
            try Files.readAll(orders.bundle, limit: 32 << 20),
            "\(folder)/\(SealedTrust.bundle)"
        )
        try SealedTrust.write(authority, "\(folder)/purser-session.pem")
        for number in 0..<10 where !Files.exists("\(folder)/\(orders.authorityHash).\(number)") {
            return try Files.symlink("\(folder)/\(orders.authorityHash).\(number)", to: "purser-session.pem")
        }
    }

    /// The same folder in memory, with a name left out. Not file by file over the old one, so that a package which
    /// renews the certificates can be installed.
    private static func repeated(_ folder: String, without left: String) throws(SystemError) {
        let before = try Mounts.hold(folder)
        defer { withExtendedLifetime(before) {} }
        let source = "/proc/self/fd/\(before.rawDescriptor)"
        try Mounts.empty(folder)
        for name in try Files.list(source) where name != left {
            let old = "\(source)/\(name)"
            let new = "\(folder)/\(name)"
            // Most are links, and asking for the link tells so.
            if let target = try? Files.readlink(old) {
                try Files.symlink(new, to: target)
                continue
            }
            let found = try Files.stat(old)
            if found.isFolder {
                try Files.makeFolder(new, mode: 0o755)
                try Mounts.bind(old, over: new, isWhole: true)
            } else if found.isRegular {
                try write(try Files.readAll(old, limit: 16 << 20), new)
            }
        }
    }

    private static func write(_ bytes: [UInt8], _ path: String) throws(SystemError) {
        try Files.writeAtomically(path, bytes, mode: 0o644, durably: false)
    }
}
