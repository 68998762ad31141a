using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Tests.Sources.Http;

public class SecretTests
{
    [Fact]
    public void A_file_wins_over_a_value_and_is_read_each_time()
    {
        var file = Path.GetTempFileName();
        var secret = new Secret("value", file, "Sources:X:Token");

        File.WriteAllText(file, "one\n");
        Assert.Equal("one", secret.Current());
        File.WriteAllText(file, "two");
        Assert.Equal("two", secret.Current());
        File.Delete(file);
    }

    [Fact]
    public void A_file_that_is_missing_is_told_with_the_option()
    {
        var error = Assert.Throws<SourceRefusedException>(() => new Secret(null, "/no/such/file", "Sources:X:Token").Current());

        Assert.Contains("Sources:X:TokenFile", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_secret_is_told_with_the_option() =>
        Assert.Contains(
            "Sources:X:Token",
            Assert.Throws<SourceRefusedException>(() => new Secret(" ", null, "Sources:X:Token").Current()).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_secret_does_not_show_itself() =>
        Assert.DoesNotContain("hunter2", $"{new Secret("hunter2", null, "Sources:X:Token")}", StringComparison.Ordinal);
}
