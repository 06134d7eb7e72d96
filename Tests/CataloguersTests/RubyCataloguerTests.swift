// SPDX-License-Identifier: EUPL-1.2

import Cataloguers
import SBOM
import Testing

@Suite("Ruby gems")
struct RubyCataloguerTests {
    private static let folder = "usr/local/lib/ruby/gems/3.3.0/specifications/"

    private func catalogue(_ text: String, at name: String = "x.gemspec") -> Catalogue {
        Catalogue(RubyCataloguer.self, [(Self.folder + name, Array(text.utf8))])
    }

    @Test("a specification as RubyGems writes it")
    func specification() throws {
        let found = catalogue(
            #"""
            # -*- encoding: utf-8 -*-
            # stub: nokogiri 1.16.0 x86_64-linux lib

            Gem::Specification.new do |s|
              s.name = "nokogiri".freeze
              s.version = "1.16.0"
              s.platform = "x86_64-linux".freeze

              s.required_ruby_version = Gem::Requirement.new([">= 3.0".freeze, "< 3.4.dev".freeze]) if s.respond_to? :x=
              s.authors = ["Andr\u00E9 A".freeze, "B C".freeze]
              s.licenses = ["MIT".freeze, "Apache-2.0".freeze]
              s.rubygems_version = "3.5.3".freeze
              s.summary = "s.name = \"evil\"".freeze
            end
            """#,
            at: "nokogiri-1.16.0-x86_64-linux.gemspec"
        )
        #expect(found.problems == [])
        #expect(found.purls == ["pkg:gem/nokogiri@1.16.0"])
        let gem = try #require(found.components.first)
        #expect(gem.ecosystem == "gem" && gem.architecture == "x86_64-linux")
        #expect(gem.licenses == ["MIT", "Apache-2.0"] && gem.supplier == "André A, B C")
    }

    @Test(
        "literals are read in every form",
        arguments: [
            #"s.name = "a""# + "\n" + #"s.version = "1.2""#, "spec.name='a'\nspec.version='1.2'",
            "s.name = \"a\".freeze\ns.version = Gem::Version.new(\"1.2\")\r\n",
            "s.name = 'a' # c\ns.version = '1.2'.freeze;",
        ]
    )
    func literals(text: String) {
        let found = catalogue(text)
        #expect(found.names == ["a@1.2"] && found.problems == [])
    }

    @Test(
        "what Ruby would have to compute is taken from the file's name, and said so",
        arguments: [
            "s.name = NAME\ns.version = A::VERSION\n", "s.name = \"a#{b}\"\ns.version = \"1.\" + MINOR\n", "",
            "\0\0\0", "s.name = \"unclosed\ns.version = \"\n", "s.name = system(\"rm\")\n",
        ]
    )
    func computed(text: String) {
        let found = catalogue(text, at: "my-gem-2.0.1-java.gemspec")
        #expect(found.names == ["my-gem@2.0.1"])
        #expect(found.problems.count == 1)
    }

    @Test("the stub line that RubyGems reads counts before the file's name")
    func stub() {
        let found = catalogue("# stub: real 3.1 ruby lib\ns.name = NAME\n", at: "other-1.gemspec")
        #expect(found.names == ["real@3.1"] && found.problems == [])
    }

    @Test("without any name it is a problem", arguments: ["x.gemspec", ".gemspec", "-1.gemspec"])
    func nameless(file: String) {
        let found = catalogue("# nothing\n", at: file)
        #expect(found.components.isEmpty && found.problems.count == 1)
    }

    @Test(
        "specifications of installed gems only",
        arguments: [
            ("specifications/default/json-2.gemspec", true), ("specifications/json-2.gemspec", true),
            ("gems/json-2/json.gemspec", false), ("app/Gemfile.lock", false), ("specifications/x/y.gemspec", false),
        ]
    )
    func places(path: String, isRead: Bool) {
        let found = Catalogue(RubyCataloguer.self, ["usr/lib/ruby/" + path: "s.name = 'json'\ns.version = '2'\n"])
        #expect(found.names == (isRead ? ["json@2"] : []))
    }

    @Test("a list of a million files is passed over")
    func longLine() {
        let text =
            "s.name = \"a\"\ns.files = [" + String(repeating: "\"f\",", count: 1_000_000) + "]\ns.version = \"1\"\n"
        let found = Catalogue(RubyCataloguer.self, [(Self.folder + "a-1.gemspec", Array(text.utf8))], piece: 65_536)
        #expect(found.names == ["a@1"] && found.problems == [])
    }
}
