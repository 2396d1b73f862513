import unittest

from click.testing import CliRunner

from lading.cli import main
from lading.control import source

SIGNED = """-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

Source: sample
Version: 1.0-1
Maintainer: A. Person <person@example.org>
Checksums-Sha256:
 aa11 3 sample_1.0.orig.tar.gz
 bb22 40000 sample_1.0-1.debian.tar.xz

-----BEGIN PGP SIGNATURE-----
none
"""


class Reading(unittest.TestCase):
    def test_reads_a_signed_paragraph(self):
        package = source(SIGNED)
        self.assertEqual((package.name, package.version), ("sample", "1.0-1"))
        self.assertEqual([file.size for file in package.files], [3, 40000])

    def test_prints_the_sample_that_was_fetched(self):
        result = CliRunner().invoke(main, [])
        self.assertEqual(result.exit_code, 0, result.output)
        self.assertIn("hello_2.10.orig.tar.gz", result.output)


if __name__ == "__main__":
    unittest.main()
