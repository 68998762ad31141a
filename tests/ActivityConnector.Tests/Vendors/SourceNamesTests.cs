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

    private static IEnumerable<string?> Accounts(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(a => a == "-" ? null : a);
}
