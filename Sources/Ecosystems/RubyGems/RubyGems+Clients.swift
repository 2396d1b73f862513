public import Core

extension RubyGems {
    public func clientSettings(for endpoint: Endpoint) -> ClientSettings {
        guard !endpoint.clients.isDisjoint(with: ["ruby", "gem", "bundle", "bundler"]) else { return ClientSettings() }
        switch endpoint.mode {
        // Both read the proxy and SSL_CERT_FILE; a certificate that a bundler configuration names goes before that.
        case .intercept: return ClientSettings(environment: ["BUNDLE_SSL_CA_CERT": endpoint.trustBundle])
        case .registry: return registrySettings(for: endpoint)
        }
    }

    /// Bundler's mirror of one source is set by a variable whose name no shell passes on, and the one for all sources would
    /// lead private ones to us as if they were public. So Ruby sets it for itself when it starts.
    private func registrySettings(for endpoint: Endpoint) -> ClientSettings {
        let base = "\(endpoint.registryBase)/gem/"
        var settings = ClientSettings(environment: ["BUNDLE_SSL_CA_CERT": endpoint.trustBundle])
        let plain = endpoint.folder.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }
        guard plain else { return settings }
        let prelude = """
            # Leads bundler to the session; what the job set itself stays.
            ENV["BUNDLE_MIRROR__HTTPS://RUBYGEMS__ORG/"] ||= "\(base)"
            ENV["BUNDLE_MIRROR__HTTP://RUBYGEMS__ORG/"] ||= "\(base)"

            """
        settings.files.append(ClientSettings.File(name: "purser-gems.rb", contents: prelude))
        let own = endpoint.environment["RUBYOPT"].map { $0.isEmpty ? "" : " \($0)" } ?? ""
        settings.environment["RUBYOPT"] = "-r\(endpoint.folder)/purser-gems.rb\(own)"
        settings.files.append(ClientSettings.File(name: "gemrc", contents: "---\n:sources:\n- \(base)\n"))
        let files = [endpoint.environment["GEMRC"], "\(endpoint.folder)/gemrc"].compactMap(\.self)
        settings.environment["GEMRC"] = files.filter { !$0.isEmpty }.joined(separator: ":")
        return settings
    }
}
