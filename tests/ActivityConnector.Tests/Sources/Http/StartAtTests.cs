using ActivityConnector.Sources.Http;
using ActivityConnector.Sources.Intercom;

namespace ActivityConnector.Tests.Sources.Http;

public class StartAtTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 20, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("2026-11-01", "2026-11-01T00:00:00Z")]
    [InlineData("2026-11-01T10:00:00+02:00", "2026-11-01T08:00:00Z")]
    [InlineData(" -30d ", "2026-10-22T20:00:00Z")]
    [InlineData("-12h", "2026-11-21T08:00:00Z")]
    [InlineData("-90m", "2026-11-21T18:30:00Z")]
    public void A_start_is_a_time_or_a_span_before_now(string text, string expected)
    {
        Assert.True(StartAt.TryParse(text, Now, out var start, out _));
        Assert.Equal(DateTimeOffset.Parse(expected, null), start);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("  ")]
    public void An_empty_start_is_the_vendors_beginning(string? text)
    {
        Assert.True(StartAt.TryParse(text, Now, out var start, out var error));
        Assert.Null(start);
        Assert.Null(error);
    }

    [Theory]
    [InlineData("yesterday", "neither a time")]
    [InlineData("-30", "neither a time")]
    [InlineData("-d", "neither a time")]
    [InlineData("--5d", "neither a time")]
    [InlineData("-999999999d", "neither a time")]
    [InlineData("1969-01-01", "neither a time")]
    [InlineData("10:30", "neither a time")]
    [InlineData("10:30:00 am", "neither a time")]
    [InlineData("November 2026", "neither a time")]
    [InlineData("2026-12-01", "in the future")]
    public void Anything_else_is_an_error_that_says_what_is_wanted(string text, string error)
    {
        Assert.False(StartAt.TryParse(text, Now, out _, out var message));
        Assert.Contains(error, message, StringComparison.Ordinal);
        Assert.Contains(text, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("t", null, true)]
    [InlineData(" ", null, false)]
    [InlineData(null, "/run/secrets/token", true)]
    public void A_source_has_credentials_when_a_value_or_a_file_is_given(string? value, string? file, bool has) =>
        Assert.Equal(has, new IntercomOptions { AccessToken = value, AccessTokenFile = file }.HasAnyCredential);
}
