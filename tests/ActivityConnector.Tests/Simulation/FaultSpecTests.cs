using ActivityConnector.Simulation;

namespace ActivityConnector.Tests.Simulation;

public class FaultSpecTests
{
    private static IEnumerable<string> Names => FaultSpec.Meanings.Select(meaning => meaning.Split(' ')[0]);

    [Theory]
    [InlineData("500:0.05", FaultKind.ServerError, 0.05)]
    [InlineData("429-noheader:5%", FaultKind.TooManyRequestsNoHeader, 0.05)]
    [InlineData("Every-Page-Once:1", FaultKind.EveryPageOnce, 1)]
    [InlineData("timeout:0", FaultKind.Timeout, 0)]
    public void A_kind_and_a_rate_are_read(string text, FaultKind kind, double rate) => Assert.Equal(new FaultSpec(kind, rate), FaultSpec.Parse(text));

    [Theory]
    [InlineData("500")]
    [InlineData(":1")]
    [InlineData("explosion:0.5")]
    public void An_unknown_kind_is_answered_with_the_known_ones(string text)
    {
        var message = Assert.Throws<FormatException>(() => FaultSpec.Parse(text)).Message;

        Assert.All(Names, name => Assert.Contains(name, message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("500:")]
    [InlineData("500:1.5")]
    [InlineData("500:101%")]
    [InlineData("500:-1")]
    [InlineData("500:often")]
    public void A_rate_that_is_none_is_refused(string text) =>
        Assert.Contains("is not a rate", Assert.Throws<FormatException>(() => FaultSpec.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Every_kind_has_a_name_and_prints_as_it_is_read()
    {
        var specs = Names.Select(name => FaultSpec.Parse(name + ":0.25")).ToList();

        Assert.Equal(Enum.GetValues<FaultKind>().Order(), specs.Select(s => s.Kind).Order());
        Assert.Equal(specs, specs.Select(s => FaultSpec.Parse(s.ToString())));
    }

    [Fact]
    public void Late_arrivals_are_read_as_share_and_delay()
    {
        Assert.Equal(new LateArrivals(0.03, TimeSpan.FromMinutes(2)), LateArrivals.Parse("0.03:00:02:00"));
        foreach (var wrong in new[] { "0.03", "2:00:02:00", "0.03:soon", "0.03:00:00:00", ":00:02:00" })
            Assert.Throws<FormatException>(() => LateArrivals.Parse(wrong));
    }
}
