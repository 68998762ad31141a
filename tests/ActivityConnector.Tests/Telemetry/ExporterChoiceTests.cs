using ActivityConnector.Telemetry;

namespace ActivityConnector.Tests.Telemetry;

public sealed class ExporterChoiceTests
{
    [Theory]
    [InlineData("", false, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317", true, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=", false, false)]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://c:4317", true, false)]
    [InlineData("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=http://c:4317", false, false)]
    [InlineData("OTEL_TRACES_EXPORTER=otlp", true, false)]
    [InlineData("OTEL_TRACES_EXPORTER=console", false, true)]
    [InlineData("OTEL_TRACES_EXPORTER=OTLP, console", true, true)]
    [InlineData("OTEL_TRACES_EXPORTER=none;OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317", false, false)]
    [InlineData("OTEL_TRACES_EXPORTER=otlp;OTEL_SDK_DISABLED=TRUE", false, false)]
    [InlineData("OTEL_TRACES_EXPORTER=otlp;OTEL_SDK_DISABLED=yes", true, false)]
    public void The_variables_of_the_specification_decide(string variables, bool otlp, bool console)
    {
        var environment = variables.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split('=')).ToDictionary(v => v[0], v => v[1]);

        Assert.Equal(new ExporterChoice(otlp, console), ExporterChoice.Of("TRACES", environment, Assert.Fail));
    }

    [Fact]
    public void An_exporter_that_is_not_there_is_named_with_what_there_is()
    {
        var mistakes = new List<string>();

        var choice = ExporterChoice.Of("METRICS", new Dictionary<string, string> { ["OTEL_METRICS_EXPORTER"] = "prometheus,zipkin" }, mistakes.Add);

        Assert.True(choice.IsNone);
        Assert.Equal(["OTEL_METRICS_EXPORTER names an exporter that this program does not have: give otlp, console or none."], mistakes);
    }
}
