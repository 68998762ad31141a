using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace ActivityConnector.Configuration;

/// <summary>
/// Fills the options types from configuration. Unlike the binder of Microsoft.Extensions.Configuration it does not stop at the first
/// mistake and does not pass over unknown keys: an operator sees everything at once.
/// </summary>
internal sealed class OptionReader(ConfigurationLayers layers, ICollection<ConfigurationProblem> problems)
{
    private readonly Dictionary<object, string> _keys = new(ReferenceEqualityComparer.Instance);

    /// <summary>Where an options object of a list came from: <c>Sources:Intercom</c>, or <c>Sources:Intercom:1</c> of an array.</summary>
    public string KeyOf(object options) => _keys[options];

    public T Read<T>(IConfiguration configuration)
        where T : new()
    {
        var options = new T();
        Fill(options, configuration.GetChildren(), "");
        return options;
    }

    private void Fill(object options, IEnumerable<IConfigurationSection> children, string path)
    {
        var properties = OptionTypes.Properties(options.GetType());
        foreach (var child in children)
        {
            var property = properties.FirstOrDefault(p => p.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                ReportUnknown(child.Key, path, properties);
                continue;
            }

            var key = Key(path, property.Name);
            var value = Value(property.PropertyType, child, key, property.GetValue(options), property);
            if (value is not null) property.SetValue(options, value);
        }
    }

    /// <summary>The value of one option; null when nothing or nothing usable is given, so that the default stays.</summary>
    private object? Value(Type type, IConfigurationSection section, string key, object? current, PropertyInfo property)
    {
        var children = section.GetChildren().ToList();
        if (children.Count == 0 && string.IsNullOrEmpty(section.Value)) return null;

        if (OptionTypes.ElementOf(type) is { } element)
        {
            return OptionTypes.IsScalar(element) ? Scalars(element, section, children, key, property) : Objects(element, section, children, key);
        }

        if (OptionTypes.DictionaryValueOf(type) is { } valueType) return Entries(valueType, section, children, key, property);

        if (OptionTypes.IsScalar(type)) return Scalar(type, section, children, key, property);

        if (NotAnObject(section, key)) return null;

        var nested = current ?? Activator.CreateInstance(type)!;
        Fill(nested, children, key);
        return nested;
    }

    private object? Scalar(Type type, IConfigurationSection section, List<IConfigurationSection> children, string key, PropertyInfo property)
    {
        var wanted = OptionTypes.Wanted(type, property);
        if (children.Count > 0)
        {
            problems.Add(new(key, "An object or array stands where one value is expected.", $"Give {wanted}.") { SetBy = layers.FindBelow(key)?.Origin });
            return null;
        }

        var text = section.Value!;
        if (text.Contains('\0'))
        {
            problems.Add(new(key, "It has a NUL character, which no option can have.", $"Give {wanted}."));
            return null;
        }

        if (OptionTypes.IsPath(property) && layers.Find(key) is { } given && !string.IsNullOrWhiteSpace(text)) return Path.GetFullPath(text, given.Folder);

        if (!OptionTypes.TryParse(type, text, OptionTypes.UnitOf(property), out var value))
        {
            problems.Add(new(key, $"\"{text}\" cannot be read.", $"Give {wanted}."));
            return null;
        }

        if (property.GetCustomAttribute<RangeAttribute>() is { } range && !range.IsValid(value))
        {
            problems.Add(new(key, $"{text} is out of range.", $"Give {wanted}."));
            return null;
        }

        if (property.GetCustomAttribute<RegularExpressionAttribute>() is { } pattern && !Regex.IsMatch(text, $"^(?:{pattern.Pattern})$"))
        {
            problems.Add(new(key, $"\"{text}\" is not allowed.", pattern.ErrorMessage!));
            return null;
        }

        return value;
    }

    private IList? Scalars(Type element, IConfigurationSection section, List<IConfigurationSection> children, string key, PropertyInfo property)
    {
        if (children.Count == 0 || children.Any(c => !IsIndex(c.Key)))
        {
            problems.Add(new(key, "An array is expected.", $"Write [\"…\"] in the file, or {key}:0=… with --set."));
            return null;
        }

        var list = OptionTypes.NewList(element);
        foreach (var child in children.Where(c => !string.IsNullOrEmpty(c.Value) || c.GetChildren().Any()))
        {
            if (Scalar(element, child, [.. child.GetChildren()], Key(key, child.Key), property) is { } value) list.Add(value);
        }

        return list;
    }

    // One object, or several by number. Keys beside the numbers hold for all of them: so an array given by environment
    // variables goes with the one object of the delivered file.
    private IList? Objects(Type element, IConfigurationSection section, List<IConfigurationSection> children, string key)
    {
        if (NotAnObject(section, key)) return null;

        var list = OptionTypes.NewList(element);
        var shared = children.Where(c => !IsIndex(c.Key)).ToList();
        var numbered = children.Where(c => IsIndex(c.Key)).ToList();
        foreach (var child in numbered)
        {
            var options = Activator.CreateInstance(element)!;
            var reader = list.Count == 0 ? this : new OptionReader(layers, []);
            reader.Fill(options, shared, key);
            if (!NotAnObject(child, Key(key, child.Key))) Fill(options, child.GetChildren(), Key(key, child.Key));

            _keys[options] = Key(key, child.Key);
            list.Add(options);
        }

        if (numbered.Count == 0)
        {
            var options = Activator.CreateInstance(element)!;
            Fill(options, shared, key);
            _keys[options] = key;
            list.Add(options);
        }

        return list;
    }

    private IDictionary? Entries(Type valueType, IConfigurationSection section, List<IConfigurationSection> children, string key, PropertyInfo property)
    {
        if (NotAnObject(section, key)) return null;

        var entries = OptionTypes.NewDictionary(valueType);
        foreach (var child in children.Where(c => !string.IsNullOrEmpty(c.Value) || c.GetChildren().Any()))
        {
            if (Scalar(valueType, child, [.. child.GetChildren()], Key(key, child.Key), property) is { } value) entries[child.Key] = value;
        }

        return entries;
    }

    private bool NotAnObject(IConfigurationSection section, string key)
    {
        if (string.IsNullOrEmpty(section.Value)) return false;

        problems.Add(new(key, "One value stands where an object is expected.", $"Write {{ … }} in the file, or {key}:Name=value with --set."));
        return true;
    }

    private void ReportUnknown(string name, string path, IReadOnlyList<PropertyInfo> properties)
    {
        // Editors find the schema by this key.
        if (path.Length == 0 && name == "$schema") return;

        var near = OptionKeys.Near(OptionTypes.WithoutNumbers(path), name);
        var fix = near.Count > 0
            ? $"Did you mean {string.Join(" or ", near)}?"
            : $"Remove it; {(path.Length == 0 ? "the sections are" : path + " knows")} {string.Join(", ", properties.Select(p => p.Name))}.";
        var key = Key(path, name.Length > 0 ? name : "\"\"");
        problems.Add(new(key, "There is no such option.", fix) { SetBy = layers.FindBelow(Key(path, name))?.Origin });
    }

    private static bool IsIndex(string key) => int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static string Key(string path, string name) => path.Length == 0 ? name : $"{path}:{name}";
}
