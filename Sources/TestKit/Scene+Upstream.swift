internal import Core
internal import Gateway
internal import Transfer
public import Upstream

extension Scene {
    private static var plainTransfer: TransferConfiguration {
        var transfer = TransferConfiguration(userAgent: "purser-test")
        transfer.http2 = false
        transfer.maxConnectionsPerHost = 64
        return transfer
    }

    /// An upstream that finds the public hosts of every ecosystem at the fake.
    public static func live(_ fake: FakeUpstream, _ setting: Setting = Setting()) throws -> LiveUpstream {
        var configuration = LiveUpstream.Configuration(transfer: plainTransfer)
        configuration.map = UpstreamMap(
            hosts: [
                "pypi": ["pypi.org", "files.pythonhosted.org"], "npm": ["registry.npmjs.org"],
                "cargo": ["index.crates.io", "static.crates.io"],
                "deb": ["deb.debian.org"], "oci": ["registry-1.docker.io", "auth.docker.io", "tokens.test"],
                "maven": ["repo.maven.apache.org"], "composer": ["repo.packagist.org", "api.github.com"],
                "nuget": ["api.nuget.org"], "helm": ["charts.helm.sh"], "conda": ["conda.anaconda.org"],
                "golang": ["proxy.golang.org", "sum.golang.org"],
                "terraform": ["registry.terraform.io", "releases.hashicorp.com", "files.test"],
                "generic": ["files.test"],
                "gem": ["rubygems.org", "index.rubygems.org"], "rpm": ["dl.fedoraproject.org"],
                "hex": ["repo.hex.pm", "hex.pm"], "pub": ["pub.dev"], "swift": ["swift.test"],
            ],
            bases: [
                "pypi": try HTTPURL("\(fake.origin)/pypi"), "pypi:files": try HTTPURL("\(fake.origin)/files"),
                "npm": try HTTPURL("\(fake.origin)/npm"), "deb": try HTTPURL("\(fake.origin)/deb"),
                "oci": try HTTPURL("\(fake.origin)/oci"), "oci:files": try HTTPURL("\(fake.origin)/auth"),
                "cargo": try HTTPURL("\(fake.origin)/cargo"), "cargo:files": try HTTPURL("\(fake.origin)/crates"),
                "maven": try HTTPURL("\(fake.origin)/maven"), "composer": try HTTPURL("\(fake.origin)/composer"),
                "composer:files": try HTTPURL("\(fake.origin)/github"), "nuget": try HTTPURL("\(fake.origin)/nuget"),
                "helm": try HTTPURL("\(fake.origin)/helm"), "conda": try HTTPURL("\(fake.origin)/conda"),
                "generic": try HTTPURL("\(fake.origin)/"),
                "golang": try HTTPURL("\(fake.origin)/golang"), "golang:files": try HTTPURL("\(fake.origin)/sumdb"),
                "terraform": try HTTPURL("\(fake.origin)/terraform"),
                "terraform:files": try HTTPURL("\(fake.origin)/releases"),
                "gem": try HTTPURL("\(fake.origin)/gem"), "rpm": try HTTPURL("\(fake.origin)/rpm"),
                "hex": try HTTPURL("\(fake.origin)/hex"), "pub": try HTTPURL("\(fake.origin)/pub"),
                "swift": try HTTPURL("\(fake.origin)/swift"),
            ]
        )
        configuration.credentials = setting.credentials
        configuration.declared = Set(setting.declared.map(\.prefix.origin))
        configuration.pause = .milliseconds(5)
        configuration.limits.responseSeconds = setting.silence
        configuration.limits.idleSeconds = setting.silence
        configuration.tries = setting.tries
        return try LiveUpstream(configuration)
    }
}
