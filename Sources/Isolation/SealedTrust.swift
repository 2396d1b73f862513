internal import Kernel

/// The certificates that programs inside a seal find where they look without being told.
struct SealedTrust {
    private let orders: SealOrders
    private let authority: [UInt8]

    /// Where distributions keep all certificates in one file.
    private static let bundles = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
        "/etc/ssl/ca-bundle.pem", "/etc/pki/tls/cert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    ]
    /// Where OpenSSL looks a certificate up by its name, one file each.
    private static let folder = "/etc/ssl/certs"

    init(_ orders: SealOrders, _ authority: [UInt8]) {
        self.orders = orders
        self.authority = authority
    }

    func apply() throws(SystemError) {
        var covered: Set<String> = []
        if let folder = try? Files.realpath(SealedTrust.folder), Files.isFolder(folder) {
            try replace(folder)
            covered.insert(folder)
        }
        for bundle in SealedTrust.bundles {
            guard let place = try? Files.realpath(bundle), let slash = place.lastIndex(of: "/"),
                !covered.contains(String(place[..<slash])), covered.insert(place).inserted
            else { continue }
            try Mounts.bind(orders.bundle, over: place)
        }
    }

    /// The same folder with ours added. In memory and not file by file over the old one, so that a package which renews
    /// the certificates can be installed.
    private func replace(_ folder: String) throws(SystemError) {
        let before = try Mounts.hold(folder)
        defer { withExtendedLifetime(before) {} }
        let source = "/proc/self/fd/\(before.rawDescriptor)"
        try Mounts.empty(folder)
        for name in try Files.list(source) {
            let old = "\(source)/\(name)"
            let new = "\(folder)/\(name)"
            let found = try Files.stat(old)
            if found.isSymbolicLink {
                try Files.symlink(new, to: try Files.readlink(old))
            } else if found.isFolder {
                try Files.makeFolder(new, mode: 0o755)
                try Mounts.bind(old, over: new, isWhole: true)
            } else if found.isRegular, name != "ca-certificates.crt" {
                try write(try Files.readAll(old, limit: 16 << 20), new)
            }
        }
        try write(try Files.readAll(orders.bundle, limit: 32 << 20), "\(folder)/ca-certificates.crt")
        try write(authority, "\(folder)/purser-session.pem")
        for number in 0..<10 where !Files.exists("\(folder)/\(orders.authorityHash).\(number)") {
            return try Files.symlink("\(folder)/\(orders.authorityHash).\(number)", to: "purser-session.pem")
        }
    }

    private func write(_ bytes: [UInt8], _ path: String) throws(SystemError) {
        try Files.writeAtomically(path, bytes, mode: 0o644, durably: false)
    }
}
