using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Intercom;
using ActivityConnector.Sources.Sequence;
using ActivityConnector.Vendors;

namespace ActivityConnector.Tests.Vendors;

public sealed class SourceNamesTests
{
    /// <summary>Accounts as configured (Intercom, then Sequence; - for one without a name), sources of the journal, and what these are called.</summary>
    public static TheoryData<string, string, string, string> Cases => new()
    {
        { "-", "-", "intercom/abc sequence/default", "intercom sequence" },
        { "abc", "live", "intercom/abc sequence/live", "intercom/abc sequence/live" },
        { "", "", "intercom/abc sequence/default", "intercom sequence" },
        { "-", "live", "intercom/abc sequence/live sequence/old", "intercom sequence/live sequence/old" },
        { "-", "-", "intercom/abc intercom/def", "intercom/abc intercom/def" },
        { "-", "-", "sequence/default sequence/old", "sequence sequence/old" },
        { "abc def", "-", "intercom/abc intercom/def intercom/xyz", "intercom/abc intercom/def intercom/xyz" },
        { "", "", "intercom/abc intercom/def", "intercom/abc intercom/def" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_source_is_called_as_it_is_configured_and_understood_by_both_names(string intercom, string sequence, string stored, string called)
    {
        SourceKey[] keys = [.. stored.Split(' ').Select(s => SourceKey.TryParse(s)!.Value)];
        var names = new SourceNames(
            new SourcesOptions
            {
                Intercom = [.. Accounts(intercom).Select(a => new IntercomOptions { Account = a })],
                Sequence = [.. Accounts(sequence).Select(a => new SequenceOptions { Account = a })],
            },
            keys);

        Assert.Equal(called.Split(' '), keys.Select(names.Of));
        Assert.All(keys, key =>
        {
            Assert.Equal([key], names.Matching(key.ToString()));
            Assert.Contains(key, names.Matching(names.Of(key)));
            Assert.True(names.Knows(names.Of(key)));
        });
        Assert.Equal(keys.Length, names.All.Distinct().Count());
        Assert.False(names.Knows("typo"));
    }

    [Theory]
    [InlineData("intercom", "intercom")]
    [InlineData("intercom/abc", "intercom")]
    [InlineData("sequence", "sequence")]
    [InlineData("sequence/default", "sequence")]
    [InlineData("sequence/main", "sequence/main")]
    [InlineData("acme", "acme/one")]
    [InlineData("typo", "There is no source typo. There are: intercom, sequence, sequence/main, acme/one, zeta/a, zeta/b.")]
    [InlineData("intercon", "There is no source intercon. Did you mean intercom? There are: intercom, sequence, sequence/main, acme/one, zeta/a, zeta/b.")]
    [InlineData("zeta", "zeta is more than one source: zeta/a, zeta/b. Name one of them.")]
    public void A_text_means_the_source_of_this_name_or_full_name_or_the_only_one_of_a_vendor(string text, string meant)
    {
        SourceName[] sources =
        [
            new("intercom", "intercom/abc", "intercom"), new("sequence", "sequence/default", "sequence"), new("sequence/main", "sequence/main", "sequence"),
            new("acme/one", null, "acme"), new("zeta/a", null, "zeta"), new("zeta/b", null, "zeta"),
        ];

        string said;
        try
        {
            said = SourceNames.One(sources, text, source => source).Name;
        }
        catch (UnknownSourceException e)
        {
            said = $"{e.Message} {e.Fix}";
        }

        Assert.Equal(meant, said);
    }

    private static IEnumerable<string?> Accounts(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(a => a == "-" ? null : a);
}
