namespace ActivityConnector.Telemetry;

/// <summary>
/// Where one signal is sent, as the OpenTelemetry specification has its variables: the SDK for .NET leaves <c>OTEL_*_EXPORTER</c> to its user.
/// </summary>
/// <param name="Otlp">To the OTLP endpoint.</param>
/// <param name="Console">To standard error, for a look.</param>
internal readonly record struct ExporterChoice(bool Otlp, bool Console)
{
    public bool IsNone => !Otlp && !Console;

    /// <summary>Without a variable that says so: OTLP where an endpoint is set, else nothing.</summary>
    /// <param name="signal">TRACES, METRICS or LOGS.</param>
    /// <param name="unknown">Is given what is wrong with the variable, and what to give instead.</param>
    public static ExporterChoice Of(string signal, IReadOnlyDictionary<string, string> environment, Action<string> unknown)
    {
        if (IsDisabled(environment)) return default;

        var hasEndpoint = environment.GetValueOrDefault("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 }
            || environment.GetValueOrDefault($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT") is { Length: > 0 };
        var variable = $"OTEL_{signal}_EXPORTER";
        var names = environment.GetValueOrDefault(variable, "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (names.Length == 0) return new(hasEndpoint, false);

        var choice = default(ExporterChoice);
        foreach (var name in names)
        {
            switch (name.ToLowerInvariant())
            {
                case "otlp": choice = choice with { Otlp = true }; break;
                case "console": choice = choice with { Console = true }; break;
                case "none": break;
                case "prometheus" when signal == "METRICS": break;
                default: unknown($"{variable} names an exporter that this program does not have: give otlp, console or none."); break;
            }
        }

        return choice;
    }

    /// <summary>Whether OTEL_SDK_DISABLED switches everything off.</summary>
    public static bool IsDisabled(IReadOnlyDictionary<string, string> environment) =>
        environment.GetValueOrDefault("OTEL_SDK_DISABLED")?.Trim().Equals("true", StringComparison.OrdinalIgnoreCase) == true;
}
