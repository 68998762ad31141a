using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ActivityConnector.Terminals;

/// <summary>A line of the log as a JSON object with ECS fields (ECS logging), which Filebeat and other shippers take as it is.</summary>
/// <remarks>Thread-safe. Text of strangers is escaped as in <see cref="PlainText"/>, and what is long is cut.</remarks>
internal static class EcsLine
{
    public const string DefaultServiceName = "activity-connector";

    private const string EcsVersion = "8.17.0";
    private const int MostOfValue = 1_024;
    private const int MostOfStackTrace = 32_768;
    private const string Own = "activity_connector.";

    // The text is plain already: what is left to escape is what JSON asks for.
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string Version =
        typeof(EcsLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <param name="logger">The category; null for a line of the command itself.</param>
    /// <param name="values">What the message was made of.</param>
    public static string Of(
        DateTimeOffset time,
        LogLevel level,
        string message,
        string service,
        string? logger = null,
        Exception? exception = null,
        IEnumerable<KeyValuePair<string, object?>>? values = null)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Writing))
        {
            json.WriteStartObject();
            json.WriteString("@timestamp", time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            json.WriteString("log.level", LevelName(level));
            json.WriteString("message", PlainText.Of(message));
            json.WriteString("ecs.version", EcsVersion);
            json.WriteString("service.name", service);
            json.WriteString("service.version", Version);
            if (logger is not null) json.WriteString("log.logger", logger);

            if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } span)
            {
                json.WriteString("trace.id", span.TraceId.ToHexString());
                json.WriteString("span.id", span.SpanId.ToHexString());
            }

            foreach (var (name, value) in Values(values ?? [])) Write(json, name, value);

            if (exception is not null)
            {
                json.WriteString("error.type", exception.GetType().FullName);
                json.WriteString("error.message", PlainText.Of(exception.Message));
                var trace = string.Join('\n', PlainText.Indented(exception).Select(line => line.Trim()));
                json.WriteString("error.stack_trace", trace[..Math.Min(trace.Length, MostOfStackTrace)]);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    /// <summary>The values of a line under the names that they have in the log: <c>{DeadLetters}</c> is <c>activity_connector.dead_letters</c>.</summary>
    public static IEnumerable<KeyValuePair<string, object?>> Values(IEnumerable<KeyValuePair<string, object?>> values) =>
        values.Where(v => v.Key is { Length: > 0 } key && key[0] != '{').Select(v => KeyValuePair.Create(Own + SnakeCase(v.Key), v.Value));

    /// <summary>The name that ECS and syslog have for a level.</summary>
    public static string LevelName(LogLevel level) => level switch
    {
        LogLevel.Critical => "fatal",
        LogLevel.Error => "error",
        LogLevel.Warning => "warn",
        LogLevel.Information => "info",
        _ => "debug",
    };

    private static void Write(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null: break;
            case bool truth: json.WriteBoolean(name, truth); break;
            case int or long or short or byte or uint: json.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture)); break;
            case double number when double.IsFinite(number): json.WriteNumber(name, number); break;
            case DateTimeOffset at: json.WriteString(name, at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)); break;
            case TimeSpan span: json.WriteNumber(name, span.TotalSeconds); break;
            default: json.WriteString(name, PlainText.Of(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", MostOfValue)); break;
        }
    }

    private static string SnakeCase(string name)
    {
        var snake = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            if (char.IsAsciiLetterUpper(c) && snake.Length > 0) snake.Append('_');
            snake.Append(char.ToLowerInvariant(c));
        }

        return snake.ToString();
    }
}
