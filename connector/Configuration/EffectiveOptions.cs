using System.Collections;
using System.Globalization;
using System.Reflection;

namespace ActivityConnector.Configuration;

/// <summary>An option as it holds.</summary>
/// <param name="Value">As it may be shown; null where there is none.</param>
/// <param name="SetBy">Where it was written; null = nowhere, it is the default.</param>
/// <param name="IsDefault">Whether it is the default, also where that was written.</param>
internal sealed record EffectiveOption(string Key, string? Value, string? SetBy, bool IsDefault);

/// <summary>
/// Every option of a configuration, with its value and where it came from. Secrets are masked; the files that hold them are shown by their paths.
/// </summary>
internal sealed class EffectiveOptions(LoadedConfiguration loaded)
{
    /// <summary>In the order of the delivered file. A list or dictionary has a line for each entry, or one without a value.</summary>
    public IEnumerable<EffectiveOption> All() => Of(loaded.Options, "");

    private IEnumerable<EffectiveOption> Of(object options, string path) => OptionTypes.Properties(options.GetType())
        .SelectMany(property => Of(
            property, property.GetValue(options), DefaultOf(options, property), path.Length == 0 ? property.Name : $"{path}:{property.Name}"));

    private static object? DefaultOf(object options, PropertyInfo property) => property.GetValue(Activator.CreateInstance(options.GetType()));

    private IEnumerable<EffectiveOption> Of(PropertyInfo property, object? value, object? byDefault, string key)
    {
        if (OptionTypes.IsScalar(property.PropertyType))
        {
            var isSecret = value is string { Length: > 0 } text
                && (OptionTypes.IsSecret(property) || (IsFileOfSecret(property) && !File.Exists(text)));
            return [Option(key, value, isSecret) with { IsDefault = Equals(value, byDefault) }];
        }

        return value switch
        {
            IDictionary { Count: 0 } or ICollection { Count: 0 } => [new(key, null, null, IsDefault: true)],
            IDictionary entries => entries.Keys.Cast<string>().Select(name => key == "Kafka:Properties"
                ? Option($"{key}:{name}", Masking.KafkaProperty(name, (string)entries[name]!), isSecret: false)
                : Option($"{key}:{name}", entries[name], isSecret: false)),
            IList list when list[0] is { } first && !OptionTypes.IsScalar(first.GetType()) =>
                list.Cast<object>().SelectMany(one => Of(one, loaded.KeyOf(one))),
            IList list => list.Cast<object>().Select((one, i) =>
                Option(string.Create(CultureInfo.InvariantCulture, $"{key}:{i}"), one, isSecret: false)),
            null => [new(key, null, null, IsDefault: true)],
            _ => Of(value, key),
        };
    }

    /// <summary>Where a path is expected, a secret itself may have been given: what is no file is not shown.</summary>
    private static bool IsFileOfSecret(PropertyInfo property) => property.Name.EndsWith("File", StringComparison.Ordinal)
        && property.DeclaringType!.GetProperty(property.Name[..^4]) is { } secret && OptionTypes.IsSecret(secret);

    private EffectiveOption Option(string key, object? value, bool isSecret) => new(
        key,
        isSecret ? Masking.Mask : value switch
        {
            null => null,
            bool truth => truth ? "true" : "false",
            Enum word => OptionTypes.NameOf(word),
            TimeSpan duration => duration.ToString("c", CultureInfo.InvariantCulture),
            string text => Masking.Text(text),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture),
        },
        loaded.Layers.Find(key)?.Origin,
        IsDefault: false);
}
