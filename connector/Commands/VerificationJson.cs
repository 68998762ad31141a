using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ActivityConnector.Verification;

namespace ActivityConnector.Commands;

/// <summary>A completeness report for a program.</summary>
internal static class VerificationJson
{
    private static readonly JsonSerializerOptions Form = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public static string Of(VerificationReport report) => JsonSerializer.Serialize(report, Form);
}
